using Fastbridge.Core.Config;
using Fastbridge.Core.Live;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Live;

/// <summary>The connectors file as a source: each way to change it is seen, and what did not change is not read as another set.</summary>
public class FileConnectorSourceTests
{
    private const string Text = """{ "mqtt": { "password": "SECRET", "username": "u" }, "connectors": [ { "connector_name": "a", "topic_id": "t", "config": { "bootstrap_servers": "k:1", "topic": "NAME" } } ] }""";

    private static string Named(string name) => Text.Replace("NAME", name, StringComparison.Ordinal);

    [Fact]
    public async Task an_edit_in_place_a_rename_and_a_new_file_are_seen_within_two_seconds()
    {
        using var folder = new TempFolder("source");
        string path = folder.Write("c.json", Named("one"));
        FileConnectorSource source = Open(path);
        Assert.Equal("one", TopicOf(source.Read()));
        Assert.Same(source.Read(), source.Read());

        await ChangeAsync(source, () => File.WriteAllText(path, Named("two")), "two");
        await ChangeAsync(source, () => File.Move(folder.Write("c.new", Named("six")), path, overwrite: true), "six");
        await ChangeAsync(source, () => File.Delete(path), null);
        await ChangeAsync(source, () => File.WriteAllText(path, Named("ten")), "ten");
    }

    [Fact]
    public async Task the_swap_of_a_symlink_on_the_way_is_seen_as_kubernetes_does_it()
    {
        using var folder = new TempFolder("source");
        foreach (string version in (string[])["v1", "v2"])
        {
            Directory.CreateDirectory(folder.File(version));
            File.WriteAllText(Path.Combine(folder.File(version), "c.json"), Named(version));
            File.SetLastWriteTimeUtc(Path.Combine(folder.File(version), "c.json"), DateTime.UnixEpoch);
        }

        Directory.CreateSymbolicLink(folder.File("..data"), "v1");
        File.CreateSymbolicLink(folder.File("c.json"), "..data/c.json");
        FileConnectorSource source = Open(folder.File("c.json"));
        Assert.Equal("v1", TopicOf(source.Read()));
        await ChangeAsync(source, () =>
        {
            Directory.CreateSymbolicLink(folder.File("..data_tmp"), "v2");
            Rename(folder.File("..data_tmp"), folder.File("..data"));
        }, "v2");
    }

    [Fact]
    public async Task another_content_of_a_secret_file_is_a_change_and_the_same_content_is_the_same_configuration()
    {
        using var folder = new TempFolder("source");
        string secret = folder.Write("password", "hush\n");
        string path = folder.Write("c.json", Named("t").Replace("SECRET", "${file:password}", StringComparison.Ordinal));
        FileConnectorSource source = Open(path);
        SourceReading first = source.Read();
        await ChangeAsync(source, () => File.WriteAllText(secret, "HUSH\n"), "t");
        SourceReading second = source.Read();
        Assert.Equal(ConnectorChange.Restart, ConnectorComparison.Compare(first.Result.Config!.Connectors[0], second.Result.Config!.Connectors[0]));
        await ChangeAsync(source, () => File.WriteAllText(secret, "HUSH"), "t");
        Assert.Equal(ConnectorChange.None, ConnectorComparison.Compare(second.Result.Config!.Connectors[0], source.Read().Result.Config!.Connectors[0]));
    }

    [Fact]
    public async Task another_content_of_a_tls_file_asks_for_a_renewal_and_of_kafkas_for_another_producer()
    {
        using var folder = new TempFolder("source");
        string ca = folder.Write("ca.pem", "one"), kafka = folder.Write("kafka.pem", "one");
        string path = folder.Write("c.json", Named("t")
            .Replace("\"username\"", "\"tls\": { \"ca_file\": \"ca.pem\" }, \"username\"", StringComparison.Ordinal)
            .Replace("\"topic\"", $"\"properties\": {{ \"ssl.ca.location\": \"{kafka}\" }}, \"topic\"", StringComparison.Ordinal));
        FileConnectorSource source = Open(path);
        ConnectorConfig first = source.Read().Result.Config!.Connectors[0];
        await ChangeAsync(source, () => File.WriteAllText(ca, "two"), "t");
        ConnectorConfig second = source.Read().Result.Config!.Connectors[0];
        Assert.Equal(ConnectorChange.Renewal, ConnectorComparison.Compare(first, second));
        await ChangeAsync(source, () => File.Move(folder.Write("new.pem", "two"), kafka, overwrite: true), "t");
        Assert.Equal(ConnectorChange.Restart, ConnectorComparison.Compare(second, source.Read().Result.Config!.Connectors[0]));
        await ChangeAsync(source, () => File.WriteAllText(ca, "two"), "t");
        Assert.Equal(ConnectorChange.Restart, ConnectorComparison.Compare(second, source.Read().Result.Config!.Connectors[0]));
    }

    [Fact]
    public void a_file_that_is_away_or_a_folder_is_a_fault_and_one_reading_while_it_stays_so()
    {
        using var folder = new TempFolder("source");
        FileConnectorSource source = Open(folder.File("none.json"));
        Assert.Contains("there is no such file", Assert.Single(source.Read().Result.Faults).ToString(), StringComparison.Ordinal);
        Assert.Same(source.Read(), source.Read());
        Assert.Contains("is a folder", Assert.Single(Open(folder.Path).Read().Result.Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void the_slower_stamp_sees_what_the_fast_one_sees()
    {
        using var folder = new TempFolder("source");
        string path = folder.Write("f", "1"), link = folder.File("l");
        File.CreateSymbolicLink(link, path);
        foreach (Func<string, ulong> stamp in (Func<string, ulong>[])[p => FileStamp.Of(p, out _), p => FileStamp.OfAny(p, out _)])
        {
            ulong before = stamp(link);
            Assert.Equal(before, stamp(link));
            File.WriteAllText(path, "22");
            Assert.NotEqual(before, stamp(link));
            File.WriteAllText(path, "1");
            Assert.Equal(0UL, stamp(folder.File("none")));
        }
    }

    private static FileConnectorSource Open(string path) => new(path, LoadEnvironment.Current, TimeProvider.System);

    private static string? TopicOf(SourceReading reading) => reading.Result.Config?.Connectors[0].Kafka.Topic;

    private static async Task ChangeAsync(FileConnectorSource source, Action change, string? topic)
    {
        SourceReading before = source.Read();
        change();
        SourceReading after;
        do
        {
            await source.WaitForChangeAsync(CancellationToken.None).Guarded();
            after = source.Read();
        }
        // A look may meet the file between its truncation and its text.
        while (ReferenceEquals(after, before) || TopicOf(after) != topic);
    }

    /// <summary>rename(2), which replaces a symlink that leads to a folder; .NET's moves do not.</summary>
    private static void Rename(string from, string to)
    {
        using var mv = System.Diagnostics.Process.Start("mv", ["-T", from, to]);
        Assert.True(mv.WaitForExit(60_000) && mv.ExitCode == 0, "mv failed");
    }
}
