using System.Diagnostics;
using System.Text;
using Fastbridge.Core.Config;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Config;

/// <summary>What may be wrong with the file as a file, and product documents that must load.</summary>
public sealed class FileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fastbridge-config-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Rejects_a_missing_file() => Rejects("none.json", null, "there is no such file; check the path");

    [Fact]
    public void Rejects_a_missing_folder() => Rejects("none/none.json", null, "there is no such file; check the path");

    [Fact]
    public void Rejects_a_folder()
    {
        Assert.Equal($"{_folder}: is a folder; name the file in it", Assert.Single(ConnectorsFile.Load(_folder).Faults).ToString());
    }

    [Fact]
    public void Rejects_no_name() => Assert.Equal(": no file is named; give its path", Assert.Single(ConnectorsFile.Load("").Faults).ToString());

    [Fact]
    public void Rejects_an_empty_file() => Rejects("c.json", [], ":1:1: there is nothing in it; write {\"connectors\": []} or a connector");

    [Fact]
    public void Rejects_yaml_for_now() =>
        Rejects("c.yaml", "connectors: []"u8.ToArray(), "this version reads JSON only; write the file as JSON and name it connectors.json");

    [Fact]
    public void Rejects_utf16() => Rejects("c.json", [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("{}")], ":1:1: the text is UTF-16; save it as UTF-8");

    [Fact]
    public void Rejects_what_is_not_utf8() => Rejects("c.json", [.. "{\n\"ü\": \""u8, 0xFC, .. "\"}"u8], ":2:7: byte 0xFC is not UTF-8; save the file as UTF-8");

    [Fact]
    public void Rejects_100_megabytes()
    {
        string path = Path.Combine(_folder, "c.json");
        using (FileStream large = File.Create(path))
            large.SetLength(100 << 20);
        Assert.Equal($"{path}: is larger than 16,384 KB, which is the most that is read; is it the right file?", Assert.Single(ConnectorsFile.Load(path).Faults).ToString());
    }

    [Fact]
    public void Rejects_a_device_without_end()
    {
        if (File.Exists("/dev/zero"))
            Assert.Equal("/dev/zero: is larger than 16,384 KB, which is the most that is read; is it the right file?", Assert.Single(ConnectorsFile.Load("/dev/zero").Faults).ToString());
    }

    [Fact]
    public void Rejects_what_this_user_may_not_read()
    {
        if (OperatingSystem.IsWindows())
            return;
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may read everything");
        string path = Path.Combine(_folder, "c.json");
        File.WriteAllText(path, "{}");
        File.SetUnixFileMode(path, UnixFileMode.None);
        Assert.Equal($"{path}: may not be read by this user; change its owner or mode", Assert.Single(ConnectorsFile.Load(path).Faults).ToString());
    }

    [Fact]
    public void Rejects_every_half_of_a_file()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Files.One("\"status\": \"Idle\", \"headers\": {\"grün\": \"${topic}\"},", "\"qos\": 1"));
        for (int length = 0; length < whole.Length; length++)
            Assert.Single(ConnectorsFile.Parse(whole.AsMemory(0, length), "/nowhere/c.json", Files.Machine).Faults);
    }

    /// <summary>As <c>--config &lt;(envsubst &lt; template)</c> gives it.</summary>
    [Fact]
    public async Task Reads_a_pipe_to_its_end()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no mkfifo");
        string fifo = Path.Combine(_folder, "pipe");
        File.WriteAllText(Path.Combine(_folder, "c.json"), Files.One());
        using Process writer = Process.Start(new ProcessStartInfo("sh", ["-c", "mkfifo pipe && echo made && cat c.json > pipe"]) { WorkingDirectory = _folder, RedirectStandardOutput = true })!;
        Assert.Equal("made", await writer.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().Guarded());
        LoadResult result = await Task.Run(() => ConnectorsFile.Load(fifo, Files.Machine)).Guarded();
        await writer.WaitForExitAsync(TestContext.Current.CancellationToken).Guarded();
        Assert.Equal("a", Assert.Single(result.Config!.Connectors).Name);
    }

    [Fact]
    public void Takes_relative_paths_from_beside_the_file()
    {
        string path = Path.Combine(_folder, "c.json");
        File.WriteAllText(Path.Combine(_folder, "ca.pem"), "");
        File.WriteAllText(path, Files.One(mqtt: "\"tls\": {\"ca_file\": \"ca.pem\"}", file: "\"state_dir\": \"s/t\","));
        BridgeConfig bridge = ConnectorsFile.Load(path, Files.Machine).Config!;
        Assert.Equal(Path.Combine(_folder, "s/t"), bridge.StateDir);
        Assert.Equal(Path.Combine(_folder, "ca.pem"), bridge.Connectors[0].Mqtt.Tls!.CaFile);
    }

    [Fact]
    public void Reads_a_thousand_connectors()
    {
        string connectors = string.Join(',', Enumerable.Range(0, 1000).Select(i => $$"""{"connector_name": "c{{i}}", "topic_id": "a/{{i}}", "config": {{Files.Kafka}}}"""));
        BridgeConfig bridge = Files.Valid($$"""{"mqtt": {"server": "h:1", "client_id": "p"}, "connectors": [{{connectors}}]}""");
        Assert.Equal(1000, bridge.Connectors.Length);
        Assert.Equal("p-c999", bridge.Connectors[999].Mqtt.ClientId);
    }

    /// <summary>Largest files of one line: each must end soon, so that a wrong file does not look like a hanging bridge.</summary>
    [Fact]
    public void Ends_soon_with_files_full_of_faults()
    {
        string names = string.Join(',', Enumerable.Range(0, 300_000).Select(i => $"\"name_{i}\": {i}"));
        LoadResult result = Files.Parse($$"""{"mqtt": { {{names}} }, "connectors": [ {"mqtt": { {{names}} } } ] }""");
        Assert.Equal(1_001, result.Faults.Length);
    }

    private void Rejects(string name, byte[]? bytes, string fault)
    {
        string path = Path.Combine(_folder, name);
        if (bytes is not null)
            File.WriteAllBytes(path, bytes);
        LoadResult result = ConnectorsFile.Load(path, Files.Machine);
        Assert.Null(result.Config);
        Assert.Equal(path + (fault.StartsWith(':') ? "" : ": ") + fault, Assert.Single(result.Faults).ToString());
    }
}
