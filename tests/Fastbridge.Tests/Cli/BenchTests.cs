using System.Text.Json;
using Confluent.Kafka;
using Fastbridge.Tests.EndToEnd;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Cli;

/// <summary><c>bench</c> as a process. Figures are looked at for their presence and sense, never for their size: the suite loads the machine.</summary>
[Collection(HeavyTests.Name)]
public class BenchTests(Lab lab) : CommandTest
{
    private static readonly string[] Members =
    [
        "version", "machine", "kafka", "topic", "mqtt_version", "qos", "size", "window", "asked_messages_per_second", "connectors", "messages", "seconds", "messages_per_second", "p50_ms", "p99_ms",
        "p999_ms", "cpu_us_per_message", "peak_mb", "allocated_bytes_per_message", "allocated_bytes", "lost", "repeated", "out_of_order", "not_ours", "unordered_acks", "not_looked_at",
    ];

    [Theory]
    [InlineData("--qos 3", "--qos: 3 is not a number from 0 to 2")]
    [InlineData("--qos one", "--qos: one is not a number")]
    [InlineData("--size 11", "--size: 11 is not a number from 12 to 3500000")]
    [InlineData("--size 3500001", "--size: 3500001")]
    [InlineData("--rate 0", "--rate: 0 is not a number from 1 to 10000000")]
    [InlineData("--rate -5", "--rate: -5")]
    [InlineData("--rate 1e4", "--rate: 1e4")]
    [InlineData("--window 0", "--window: 0 is not a number from 1 to 65535")]
    [InlineData("--window 65536", "--window: 65536")]
    [InlineData("--window 20 --qos 0", "--window: QoS 0 has no acknowledgements")]
    [InlineData("--seconds 0", "--seconds: 0 is not a number from 1 to 86400")]
    [InlineData("--seconds 99999999999999999999", "--seconds: 99999999999999999999 is not")]
    [InlineData("--seconds 3 --messages 5", "give one of them")]
    [InlineData("--messages 0", "--messages: 0 is not")]
    [InlineData("--messages 5 --connectors 6", "fewer than --connectors")]
    [InlineData("--connectors 0", "--connectors: 0 is not a number from 1 to 1000")]
    [InlineData("--connectors 1001", "--connectors: 1001")]
    [InlineData("--mqtt-version 4", "'4'")]
    [InlineData("--output xml", "'xml'")]
    [InlineData("--yes", "--yes: only with --bootstrap")]
    [InlineData("--keep", "--keep: only with --bootstrap")]
    [InlineData("--bootstrap localhost --yes", "--bootstrap: the port is missing; write host:9092")]
    [InlineData("--bootstrap http://localhost:9092 --yes", "--bootstrap: an entry has no scheme")]
    [InlineData("--bootstrap 127.0.0.1:99999 --yes", "--bootstrap: the port is no number")]
    [InlineData("--bootstrap 127.0.0.1:9092", "give --yes")]
    public async Task what_cannot_be_is_exit_2_in_one_line(string options, string word)
    {
        (int code, string output, string error) = await RunAsync(["bench", .. options.Split(' ')]);
        Assert.Equal((2, ""), (code, output));
        IsOneLine(error);
        Assert.StartsWith("fastbridge bench: ", error, StringComparison.Ordinal);
        Assert.Contains(word, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--qos 0 --size 12")]
    [InlineData("--qos 2 --mqtt-version 3.1.1 --window 20")]
    [InlineData("--connectors 7 --rate 5000 --window 1")]
    [InlineData("--size 100000 --window 65535")]
    public async Task a_count_of_messages_is_sent_and_found_in_the_embedded_cluster(string options)
    {
        JsonElement report = await BenchAsync($"--messages 2000 {options}".TrimEnd());
        Assert.Equal(2000, report.GetProperty("messages").GetInt64());
        Assert.Equal("embedded", report.GetProperty("kafka").GetString());
        IsWhole(report);
        Assert.Equal(options.Contains("--qos 0", StringComparison.Ordinal), report.GetProperty("p99_ms").ValueKind == JsonValueKind.Null);
        foreach (string name in (string[])["seconds", "messages_per_second", "cpu_us_per_message", "peak_mb"])
            Assert.True(report.GetProperty(name).GetDouble() > 0, name);
    }

    [Fact]
    public async Task by_default_it_sends_for_a_time_and_prints_a_table()
    {
        (int code, string output, string error) = await RunAsync("bench", "--seconds", "2", "--rate", "1000");
        Assert.True(code == 0, error);
        foreach (string row in (string[])["load", "into", "machine", "messages", "rate", "PUBLISH to ack", "CPU a message", "peak memory", "allocated a message", "in Kafka"])
            Assert.Contains(output.Split('\n'), l => l.StartsWith(row + " ", StringComparison.Ordinal));
        Assert.Contains("0 lost, 0 repeated, 0 out of order", output, StringComparison.Ordinal);
        Assert.Contains("the embedded cluster", output, StringComparison.Ordinal);
        Assert.Contains("messages/s of 1,000 asked for", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_kafka_that_is_away_is_exit_1_in_one_line_without_figures()
    {
        (int code, string output, string error) = await RunAsync("bench", "--bootstrap", $"127.0.0.1:{Ports.Free()}", "--yes", "--output", "json");
        Assert.Equal((1, ""), (code, output));
        IsOneLine(error);
        Assert.StartsWith("fastbridge bench: Kafka at 127.0.0.1:", error, StringComparison.Ordinal);
        Assert.Contains("refused", error, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task a_folder_that_cannot_be_made_is_exit_1_in_one_line()
    {
        (int code, string output, string error) = await ShellAsync("TMPDIR=/nowhere/at/all $FB bench --messages 10");
        Assert.Equal((1, ""), (code, output));
        IsOneLine(error);
        Assert.Contains("TMPDIR", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(UnixSignal.Interrupt)]
    [InlineData(UnixSignal.Terminate)]
    public async Task a_signal_ends_it_and_leaves_neither_process_nor_folder(UnixSignal signal)
    {
        string temporary = Directory.CreateDirectory(Folder.File("tmp")).FullName;
        await using ChildProcess bench = ChildProcess.Start(TestTools.RequireExecutable(), ["bench", "--seconds", "600", "--rate", "1000"], new Dictionary<string, string?> { ["TMPDIR"] = temporary });
        int bridge = await BridgeOfAsync(bench.Id);
        // It says how far it is each ten seconds where nobody sees a line that is written over.
        await bench.Error.WaitForAsync(["messages", "/s"]);
        bench.Signal(signal);
        Assert.Equal(1, await bench.WaitForExitAsync());
        Assert.Equal("fastbridge bench: interrupted", bench.Error.Lines[^1]);
        Assert.Empty(bench.Output.Lines);
        Assert.Empty(Directory.GetFileSystemEntries(temporary));
        Assert.False(IsBridge(bridge));
    }

    [Fact]
    public async Task killed_it_takes_its_bridge_along()
    {
        string temporary = Directory.CreateDirectory(Folder.File("tmp")).FullName;
        await using ChildProcess bench = ChildProcess.Start(TestTools.RequireExecutable(), ["bench", "--seconds", "600", "--rate", "1000"], new Dictionary<string, string?> { ["TMPDIR"] = temporary });
        int bridge = await BridgeOfAsync(bench.Id);
        bench.Signal(UnixSignal.Kill);
        await bench.WaitForExitAsync();
        await UntilAsync(() => !IsBridge(bridge), "the bridge's end");
    }

    [Fact]
    public async Task the_topic_in_a_real_kafka_is_made_counted_and_deleted()
    {
        string kafka = await RealAsync();
        JsonElement report = await BenchAsync($"--bootstrap {kafka} --yes --messages 20000 --connectors 2");
        IsWhole(report);
        Assert.Equal(0, report.GetProperty("not_looked_at").GetInt64());
        Assert.Equal(kafka, report.GetProperty("kafka").GetString());
        string topic = report.GetProperty("topic").GetString()!;
        Assert.StartsWith("fastbridge-bench-", topic, StringComparison.Ordinal);
        await UntilAsync(() => !Topics(kafka).Contains(topic), $"the end of {topic}");
    }

    [Fact]
    public async Task with_keep_the_topic_stays_with_every_message()
    {
        string kafka = await RealAsync();
        JsonElement report = await BenchAsync($"--bootstrap {kafka} --yes --keep --messages 3000 --qos 2");
        IsWhole(report);
        string topic = report.GetProperty("topic").GetString()!;
        using IConsumer<Ignore, Ignore> consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = kafka, GroupId = "bench-test" }).Build();
        long records = 0;
        for (int partition = 0; partition < KafkaTopics.Partitions(kafka, topic); partition++)
            records += consumer.QueryWatermarkOffsets(new TopicPartition(topic, partition), TestTools.Guard).High.Value;
        Assert.Equal(3000, records);
        await KafkaTopics.DeleteAsync(kafka, topic);
    }

    [Fact]
    public async Task interrupted_it_deletes_its_topic()
    {
        string kafka = await RealAsync();
        HashSet<string> before = Topics(kafka);
        await using ChildProcess bench = Start("bench", "--bootstrap", kafka, "--yes", "--seconds", "600", "--rate", "100");
        await bench.Error.WaitForAsync(["messages", "/s"]);
        string topic = Assert.Single(Topics(kafka).Except(before), t => t.StartsWith("fastbridge-bench-", StringComparison.Ordinal));
        bench.Signal(UnixSignal.Interrupt);
        Assert.Equal(1, await bench.WaitForExitAsync());
        Assert.Equal("fastbridge bench: interrupted", bench.Error.Lines[^1]);
        await UntilAsync(() => !Topics(kafka).Contains(topic), $"the end of {topic}");
    }

    private static void IsWhole(JsonElement report)
    {
        foreach (string name in (string[])["lost", "repeated", "out_of_order", "not_ours", "unordered_acks"])
            Assert.Equal(0, report.GetProperty(name).GetInt64());
    }

    private static HashSet<string> Topics(string kafka)
    {
        using IAdminClient admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        return [.. admin.GetMetadata(TestTools.Guard).Topics.Select(t => t.Topic)];
    }

    /// <summary>The child of a bench that is its bridge, once it runs.</summary>
    private static async Task<int> BridgeOfAsync(int bench)
    {
        int bridge = 0;
        await UntilAsync(
            () =>
            {
                bridge = Directory.GetDirectories($"/proc/{bench}/task").SelectMany(Children).Select(int.Parse).FirstOrDefault(IsBridge);
                return bridge != 0;
            },
            "the bridge's start");
        return bridge;
    }

    private static string[] Children(string thread)
    {
        try
        {
            return File.ReadAllText($"{thread}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (IOException)
        {
            // The thread has ended.
            return [];
        }
    }

    private static bool IsBridge(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Contains("bench-bridge", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static async Task UntilAsync(Func<bool> done, string what)
    {
        DateTime deadline = DateTime.UtcNow + TestTools.Guard;
        while (!done())
        {
            Assert.True(DateTime.UtcNow < deadline, $"{what} has not come after {TestTools.Guard.TotalSeconds} s");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private async Task<string> RealAsync()
    {
        string kafka = await lab.KafkaAsync();
        return MockCluster.Is(kafka) ? TestTools.Skip($"a real Kafka is needed: set {TestTools.ToolsSetting} or {TestTools.KafkaSetting}") : kafka;
    }

    private async Task<JsonElement> BenchAsync(string options)
    {
        (int code, string output, string error) = await RunAsync(["bench", "--output", "json", .. options.Split(' ')]);
        Assert.True(code == 0, $"{code}: {error}\n{output}");
        using JsonDocument document = JsonDocument.Parse(output);
        JsonElement report = document.RootElement.Clone();
        Assert.Equal(Members, report.EnumerateObject().Select(m => m.Name));
        return report;
    }
}
