using System.Text.Json;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Tests.Core.Delivery;

public sealed class DeadLetterFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fastbridge-dead-").FullName;

    private string FilePath => Path.Combine(_folder, "state", "dead.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void a_json_record_stands_in_its_line_as_it_is()
    {
        Assert.Null(Append("""{"topic":"a","payload":"AA=="}"""u8));
        string line = Assert.Single(File.ReadAllLines(FilePath));
        Assert.Contains(""","record":{"topic":"a","payload":"AA=="}}""", line, StringComparison.Ordinal);
        Assert.Equal("why", JsonDocument.Parse(line).RootElement.GetProperty("error_message").GetString());
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{\n}")]
    [InlineData("{} {}")]
    [InlineData("")]
    public void any_other_value_is_base64(string value)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(value);
        Assert.Null(Append(bytes));
        string line = Assert.Single(File.ReadAllLines(FilePath));
        Assert.Equal(bytes, JsonDocument.Parse(line).RootElement.GetProperty("record_base64").GetBytesFromBase64());
    }

    [Fact]
    public void a_torn_tail_is_cut_before_the_next_entry()
    {
        Append("{}"u8);
        File.AppendAllText(FilePath, """{"connector_name":"c","sou""");
        Append("{}"u8);
        string[] lines = File.ReadAllLines(FilePath);
        Assert.Equal(2, lines.Length);
        Assert.All(lines, l => JsonDocument.Parse(l));
    }

    [Fact]
    public void a_tail_longer_than_a_block_is_cut_too()
    {
        Append("{}"u8);
        File.AppendAllText(FilePath, new string('x', 10_000));
        Append("{}"u8);
        Assert.Equal(2, File.ReadAllLines(FilePath).Length);
    }

    [Fact]
    public void a_full_file_takes_nothing_and_says_so()
    {
        Append("{}"u8);
        long size = new FileInfo(FilePath).Length;
        string? trouble = Append("{}"u8, maxBytes: size + 10);
        Assert.Contains("full", trouble, StringComparison.Ordinal);
        Assert.Equal(size, new FileInfo(FilePath).Length);
    }

    [Fact]
    public void a_folder_that_is_a_file_is_a_fault_in_one_line()
    {
        File.WriteAllText(Path.Combine(_folder, "state"), "in the way");
        string? trouble = Append("{}"u8);
        Assert.Contains("cannot be written", trouble, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', trouble!);
    }

    [Fact]
    public void payloads_are_the_owners_alone()
    {
        Append("{}"u8);
        if (OperatingSystem.IsWindows())
            Assert.Skip("file modes are Unix's");
        else
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
    }

    private string? Append(ReadOnlySpan<byte> value, long maxBytes = DeadLetterFile.DefaultMaxBytes)
    {
        var record = new RetainedRecord(0, 0, null, "t", "a/b", new OutgoingRecord { Value = value, HasKey = true, Key = "k"u8 }, RecordFault.Permanent, "why");
        return new DeadLetterFile(FilePath, maxBytes).TryAppend("c", record, DateTimeOffset.UnixEpoch);
    }
}
