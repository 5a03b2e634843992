using System.Globalization;
using Fastbridge.Core.Config;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Cli;

/// <summary>The published executable on a connectors file: by robust-ctl's name, many processes at once, killed at random instants, without room on the disk.</summary>
public sealed class ConnectorProcessTests : IDisposable
{
    /// <summary>How many rounds of kills; the suite's few, or as many as this says.</summary>
    private const string RoundsSetting = "FASTBRIDGE_TEST_CRASHES";

    private const string Kafka = """{"bootstrap_servers": "kafka1:9092,kafka2:9092", "topic": "iot_sensors", "key": "sensor_key"}""";

    private readonly TempFolder _folder = new("processes");

    public void Dispose() => _folder.Dispose();

    /// <summary>The reference page's scenario, word for word, in a folder without a file.</summary>
    [Fact]
    public async Task robust_ctls_name_serves_the_reference_pages_scenario()
    {
        string link = _folder.File("robust-ctl");
        File.CreateSymbolicLink(link, TestTools.RequireExecutable());
        string script = _folder.Write("scenario.sh", """
            set -e
            PATH="$PWD:$PATH"
            robust-ctl mqtt connector create \
              --connector-name "iot_sensor_kafka" \
              --connector-type "Kafka" \
              --config '{"bootstrap_servers": "kafka1:9092,kafka2:9092", "topic": "iot_sensors", "key": "sensor_key"}' \
              --topic-id "iot/sensors/+/data"
            robust-ctl mqtt connector create \
              --connector-name "device_status_kafka" \
              --connector-type "Kafka" \
              --config '{"bootstrap_servers": "kafka1:9092,kafka2:9092", "topic": "device_status", "key": "device_key"}' \
              --topic-id "iot/devices/+/status"
            robust-ctl mqtt connector create \
              --connector-name "alarm_kafka" \
              --connector-type "Kafka" \
              --config '{"bootstrap_servers": "kafka1:9092,kafka2:9092", "topic": "alarms", "key": "alarm_key"}' \
              --topic-id "iot/alarms/#"
            robust-ctl mqtt connector list
            robust-ctl mqtt connector list --connector-name "alarm_kafka"
            robust-ctl mqtt connector delete --connector-name "alarm_kafka"
            """);
        await using ChildProcess shell = ChildProcess.Start("sh", [script], Environment(), _folder.Path);
        Assert.True(await shell.WaitForExitAsync() == 0, shell.Error.Text);
        Assert.Equal(3, shell.Output.Text.Split("Created successfully!").Length - 1);
        Assert.Equal(2, shell.Output.Text.Split("| alarm_kafka").Length - 1);
        Assert.Contains("Deleted successfully!", shell.Output.Text, StringComparison.Ordinal);
        LoadResult loaded = ConnectorsFile.Load(_folder.File("connectors.json"));
        Assert.Equal(["iot_sensor_kafka", "device_status_kafka"], loaded.Config!.Connectors.Select(c => c.Name));
    }

    [Theory]
    [InlineData("c.json")]
    [InlineData("c.yaml")]
    public async Task processes_that_are_killed_leave_a_whole_file_with_all_that_was_reported(string name)
    {
        string executable = TestTools.RequireExecutable();
        int rounds = int.TryParse(System.Environment.GetEnvironmentVariable(RoundsSetting), NumberStyles.None, CultureInfo.InvariantCulture, out int asked) ? asked : 2;
        int processes = asked > 0 ? 50 : 12;
        string file = _folder.File(name);
        int killed = 0;
        int reported = 0;
        for (int round = 0; round < rounds; round++)
        {
            File.Delete(file);
            string[] created = await RoundAsync(executable, file, processes, round);
            killed += processes - created.Length;
            reported += created.Length;
            if (!File.Exists(file))
            {
                Assert.Empty(created);
                continue;
            }

            LoadResult loaded = ConnectorsFile.Load(file);
            Assert.Equal([], loaded.Faults.Select(f => f.ToString()));
            Assert.Empty(created.Except(loaded.Config!.Connectors.Select(c => c.Name)));
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{rounds} rounds of {processes}: {reported} reported, {killed} killed before they reported");
        Assert.True(reported > 0 && killed > 0, $"{reported} reported, {killed} killed: the kills have not met the writes");
    }

    /// <summary>The runtime's own locking can be switched off, and is none on some file systems; the store's must hold all the same.</summary>
    [Fact]
    public async Task the_lock_holds_where_the_runtime_locks_no_files()
    {
        string executable = TestTools.RequireExecutable();
        string file = _folder.File("c.json");
        Dictionary<string, string?> environment = Environment();
        environment["DOTNET_SYSTEM_IO_DISABLEFILELOCKING"] = "1";
        using (Fastbridge.Core.LockFile.Open(_folder.File(".c.json.lock")))
        {
            (int code, _, string error) = await ChildProcess.RunAsync(executable, Create(file, "a"), environment);
            Assert.Equal(1, code);
            Assert.Contains("another process has been changing it", error, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await ChildProcess.RunAsync(executable, Create(file, "a"), environment)).Code);
    }

    /// <summary>A limit on the file's size stands for a full disk: the write fails at the same place.</summary>
    [Fact]
    public async Task a_full_disk_changes_nothing()
    {
        string executable = TestTools.RequireExecutable();
        string file = _folder.File("c.json");
        Assert.Equal(0, (await ChildProcess.RunAsync(executable, Create(file, "a"), Environment())).Code);
        byte[] before = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        (int code, _, string error) = await ChildProcess.RunAsync("sh", ["-c", "trap '' XFSZ; ulimit -f 0; exec \"$@\"", "sh", executable, .. Create(file, "b")], Environment());
        Assert.Equal(1, code);
        Assert.Contains("cannot be written", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal([".c.json.lock", "c.json"], Directory.GetFiles(_folder.Path).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal));
    }

    private static async Task<string[]> RoundAsync(string executable, string file, int processes, int round)
    {
        var random = new Random(round);
        string?[] created = await Task.WhenAll(Enumerable.Range(0, processes).Select(async i =>
        {
            await using ChildProcess child = ChildProcess.Start(executable, Create(file, $"n{i}"), Environment());
            // A third lives; the others die at an instant from before they begin until after the last one is done.
            if (random.Next(3) > 0)
            {
                await Task.WhenAny(child.Exit, Task.Delay(random.Next(processes * 25)));
                child.Signal(UnixSignal.Kill);
            }

            await child.WaitForExitAsync();
            return child.Output.Text.Contains("Created successfully!", StringComparison.Ordinal) ? $"n{i}" : null;
        }));
        return [.. created.OfType<string>()];
    }

    private static string[] Create(string file, string name) =>
        ["mqtt", "connector", "create", "--file", file, "--connector-name", name, "--connector-type", "Kafka", "--config", Kafka, "--topic-id", $"{name}/#"];

    private static Dictionary<string, string?> Environment() => new() { ["ROBUSTMQ_API_URL"] = null, ["FASTBRIDGE_CONFIG"] = null };
}
