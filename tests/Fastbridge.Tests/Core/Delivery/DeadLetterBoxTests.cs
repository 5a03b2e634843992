using System.Text;
using Fastbridge.Core.Delivery;
using Fastbridge.Tests.Kafka;

namespace Fastbridge.Tests.Core.Delivery;

/// <summary>Dead letters read back from their file, and taken out of it.</summary>
public sealed class DeadLetterBoxTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fastbridge-box-").FullName;

    private string FilePath => Path.Combine(_folder, "dead.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("{\"topic\":\"a\",\"x\":[1,{\"ü\":\"\\u0041\"}] }")]
    [InlineData("no json\n\0")]
    [InlineData("{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}")] // 64 levels: a letter has one more.
    [InlineData("")]
    public void a_record_is_read_back_byte_for_byte_with_key_headers_and_timestamp(string value)
    {
        byte[] headers = Sinks.Headers(("h", "1"), ("", ""));
        var record = new OutgoingRecord { Value = Encoding.UTF8.GetBytes(value), HasKey = true, Key = "k\u00fc"u8, Headers = headers, TimestampMs = 77 };
        Append(new RetainedRecord(0, 0, null, "t", "a/b", in record, RecordFault.Permanent, "why"));
        DeadLetter letter = Assert.Single(Read());
        Assert.Equal(value, Encoding.UTF8.GetString(letter.Value!));
        Assert.Equal(("file:1", "c", "a/b", "t", "why", 77L), (letter.Id, letter.ConnectorName, letter.SourceTopic, letter.KafkaTopic, letter.ErrorMessage, letter.KafkaTimestamp));
        Assert.Equal("k\u00fc", Encoding.UTF8.GetString(letter.Key!));
        Assert.Equal(headers, letter.Headers);
    }

    [Fact]
    public void a_record_without_key_and_one_that_was_not_kept_are_told_apart_from_empty_ones()
    {
        var nothing = new OutgoingRecord();
        Append(new RetainedRecord(0, 0, null, "t", "a", in nothing, RecordFault.Permanent, "why") { IsKept = false });
        Append(new RetainedRecord(0, 0, null, "t", "a", in nothing, RecordFault.Permanent, "why"));
        Assert.Collection(Read(), l => Assert.Null(l.Value), l => Assert.Equal([], l.Value!));
        Assert.All(Read(), l => Assert.Null(l.Key));
    }

    [Fact]
    public void every_torn_tail_is_read_up_to_the_last_whole_line()
    {
        Append(Record("1"));
        Append(Record("2"));
        byte[] whole = File.ReadAllBytes(FilePath);
        int first = Array.IndexOf(whole, (byte)'\n') + 1;
        for (int length = first; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.Single(new DeadLetterBox(FilePath).Read(out int damaged));
            Assert.Equal(0, damaged);
        }
    }

    [Fact]
    public void letters_that_took_the_place_of_those_read_stay()
    {
        Append(Record("1"));
        List<DeadLetter> letters = Read();
        File.Move(FilePath, FilePath + ".away");
        Append(Record("2"));
        new DeadLetterBox(FilePath).Remove(letters);
        Assert.Equal("2", Encoding.UTF8.GetString(Assert.Single(Read()).Value!));
        File.Delete(FilePath);
        new DeadLetterBox(FilePath).Remove(letters);
        Assert.False(File.Exists(FilePath));
    }

    [Fact]
    public void damaged_lines_are_counted_and_stay_when_others_are_taken_out()
    {
        Append(Record("1"));
        File.AppendAllText(FilePath, "{\"damaged\n");
        Append(Record("2"));
        var box = new DeadLetterBox(FilePath);
        List<DeadLetter> letters = box.Read(out int damaged);
        Assert.Equal((2, 1), (letters.Count, damaged));
        box.Remove(letters);
        Assert.Equal("{\"damaged\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void what_the_bridge_adds_while_letters_are_taken_out_stays()
    {
        for (int i = 0; i < 200; i++)
            Append(Record($"old{i}"));
        var box = new DeadLetterBox(FilePath);
        List<DeadLetter> old = box.Read(out _);
        var writer = new Thread(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                // The file is held for moments: the bridge tries again.
                while (new DeadLetterFile(FilePath).TryAppend("c", Record($"new{i}"), DateTimeOffset.UnixEpoch) is not null)
                    Thread.Yield();
            }
        });
        writer.Start();
        for (int i = 0; i < 200; i += 50)
            box.Remove(box.Read(out _).Where(l => Encoding.UTF8.GetString(l.Value!).StartsWith("old", StringComparison.Ordinal)).Take(50).ToList());
        writer.Join();
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"new{i}"), Read().Select(l => Encoding.UTF8.GetString(l.Value!)));
        Assert.Equal(200, old.Count);
    }

    [Fact]
    public void the_file_goes_with_its_last_letter_and_two_replays_keep_apart()
    {
        Append(Record("1"));
        var box = new DeadLetterBox(FilePath);
        using (box.HoldForReplay())
            Assert.Throws<IOException>(() => new DeadLetterBox(FilePath).HoldForReplay());
        box.Remove(Read());
        Assert.False(File.Exists(FilePath));
        Assert.Empty(Read());
    }

    private static RetainedRecord Record(string value)
    {
        var record = new OutgoingRecord { Value = Encoding.UTF8.GetBytes(value) };
        return new RetainedRecord(0, 0, null, "t", "a", in record, RecordFault.Permanent, "why");
    }

    private void Append(RetainedRecord record) => Assert.Null(new DeadLetterFile(FilePath).TryAppend("c", record, DateTimeOffset.UnixEpoch));

    private List<DeadLetter> Read() => new DeadLetterBox(FilePath).Read(out _);
}
