using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Fastbridge.Kafka.Mock;
using Fastbridge.Kafka.Reading;

namespace Fastbridge.Bench;

/// <summary>One bench: a Kafka, a load source, the bridge in a child process, and what came of it.</summary>
/// <param name="progress">Gets a line each second; null: nobody looks.</param>
internal sealed class BenchRun(BenchPlan plan, Action<string>? progress)
{
    private const int Partitions = 4;

    /// <summary>Until Kafka has answered the first time, and until all connectors have subscribed.</summary>
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);

    /// <summary>Without any message getting on.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    /// <exception cref="BenchException">It cannot run here, or came to a halt.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public async Task<BenchReport> RunAsync(CancellationToken stop)
    {
        string folder = Directory.CreateTempSubdirectory("fastbridge-bench-").FullName;
        try
        {
            return plan.Bootstrap is { } bootstrap ? await RunOnGivenAsync(bootstrap, folder, stop).ConfigureAwait(false) : await RunOnMockAsync(folder, stop).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<BenchReport> RunOnMockAsync(string folder, CancellationToken stop)
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic(plan.Topic, Partitions);
        return await RunOnAsync(kafka.BootstrapServers, folder, stop).ConfigureAwait(false);
    }

    private async Task<BenchReport> RunOnGivenAsync(string bootstrap, string folder, CancellationToken stop)
    {
        try
        {
            await using OwnTopic topic = await OwnTopic.CreateAsync(bootstrap, plan.Topic, Partitions, StartPatience).WaitAsync(StartPatience * 2, stop).ConfigureAwait(false);
            return await RunOnAsync(bootstrap, folder, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is KafkaException or TimeoutException)
        {
            throw new BenchException($"Kafka at {bootstrap}: {e.Message.TrimEnd('.')}; is it there, and may a topic be created? see --bootstrap");
        }
    }

    private async Task<BenchReport> RunOnAsync(string bootstrap, string folder, CancellationToken stop)
    {
        await using var source = new LoadServer(plan);
        string file = Path.Combine(folder, "connectors.json");
        await File.WriteAllBytesAsync(file, ConnectorsFile(source.Port, bootstrap, folder), stop).ConfigureAwait(false);
        await using var bridge = BenchBridge.Start(file);
        await UntilAsync(() => Task.FromResult(source.Subscribed == plan.Connectors), () => source.Subscribed, source, bridge, stop).ConfigureAwait(false);

        using var endScan = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var check = new RecordCheck(plan.Connectors);
        var scan = new KafkaScan(bootstrap, plan.Topic, Partitions);
        // The embedded cluster forgets, so it is read at once; a real one is read when the figures are taken, and does not disturb them.
        Task scanning = plan.Bootstrap is null ? ScanAsync(scan, check, endScan.Token) : Task.CompletedTask;
        try
        {
            BridgeUse before = await bridge.LookAsync(stop).ConfigureAwait(false);
            long began = Stopwatch.GetTimestamp();
            source.Start();
            BridgeUse after = await FeedAsync(source, bridge, before, began, stop).ConfigureAwait(false);
            double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            scan.Finish();
            if (plan.Bootstrap is not null)
                scanning = ScanAsync(scan, check, endScan.Token);
            await scanning.ConfigureAwait(false);
            check.Unread = scan.Forgotten;
            return Report(source, before, after, check, seconds);
        }
        finally
        {
            await endScan.CancelAsync().ConfigureAwait(false);
            await scanning.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Until all is sent, acknowledged and in Kafka.</summary>
    private async Task<BridgeUse> FeedAsync(LoadServer source, BenchBridge bridge, BridgeUse use, long began, CancellationToken stop)
    {
        long shown = began;
        long shownCount = 0;
        await UntilAsync(
            async () =>
            {
                double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
                if (plan.Messages is null && seconds >= plan.Seconds)
                    source.Enough();
                // Asked for only where it decides: the answer costs the bridge some microseconds.
                bool done = source.IsDone;
                if (done || plan.QoS == 0)
                    use = await bridge.LookAsync(stop).ConfigureAwait(false);
                if (progress is not null && Stopwatch.GetElapsedTime(shown) is { TotalSeconds: >= 1 } since)
                {
                    long count = plan.QoS == 0 ? use.Delivered : source.Acked;
                    progress(string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s: {count:N0} messages, {(count - shownCount) / since.TotalSeconds:N0}/s"));
                    shown = Stopwatch.GetTimestamp();
                    shownCount = count;
                }

                return done && use.Delivered >= source.Sent;
            },
            () => source.Sent + source.Acked + use.Delivered,
            source, bridge, stop).ConfigureAwait(false);
        return use;
    }

    private static async Task UntilAsync(Func<Task<bool>> done, Func<long> mark, LoadServer source, BenchBridge bridge, CancellationToken stop)
    {
        long last = mark();
        long since = Stopwatch.GetTimestamp();
        while (!await done().ConfigureAwait(false))
        {
            if (bridge.HasExited)
                throw bridge.Ended();
            if (source.Fault is { } fault)
                throw new BenchException($"{fault}: {bridge.LastLine}");
            if (mark() is var now && now != last)
            {
                last = now;
                since = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                throw new BenchException(string.Create(CultureInfo.InvariantCulture, $"nothing has moved for {Patience.TotalSeconds:0} s; the bridge says: {bridge.LastLine}"));
            }

            await Task.Delay(Look, stop).ConfigureAwait(false);
        }
    }

    private static Task ScanAsync(KafkaScan scan, RecordCheck check, CancellationToken stop) => Task.Factory.StartNew(
        () => scan.Run(value => check.Take(value), stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private BenchReport Report(LoadServer source, BridgeUse before, BridgeUse after, RecordCheck check, double seconds)
    {
        long sent = source.Sent;
        LatencyCounts latency = source.Latency();
        double each = Math.Max(1, sent);
        return new BenchReport(
            Cli.Version.Text, plan.Bootstrap ?? "the embedded cluster", plan.IsV5 ? "5" : "3.1.1", plan.QoS, plan.Size, plan.Window, plan.Rate, plan.Connectors, sent, Math.Round(seconds, 3), Math.Round(sent / seconds, 1),
            latency.Quantile(0.5), latency.Quantile(0.99), latency.Quantile(0.999), (after.CpuSeconds - before.CpuSeconds) * 1e6 / each, after.PeakBytes / 1048576.0,
            (after.Allocated - before.Allocated) / each, check.Lost(sent), check.Repeated + check.Strange, check.OutOfOrder, source.Unordered, check.Unread);
    }

    private byte[] ConnectorsFile(int port, string bootstrap, string folder)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $$"""{"state_dir":{{Quote(Path.Combine(folder, "state"))}},"mqtt":{"server":"mqtt://127.0.0.1:{{port}}","client_id":"bench","qos":{{plan.QoS}},"protocol_version":{{(plan.IsV5 ? 5 : 4)}},"receive_maximum":{{plan.Window}}},"connectors":[""");
        for (int i = 0; i < plan.Connectors; i++)
            text.Append(i == 0 ? "" : ",").Append(CultureInfo.InvariantCulture, $$$"""{"connector_name":"bench{{{i}}}","connector_type":"Kafka","config":{"bootstrap_servers":{{{Quote(bootstrap)}}},"topic":"{{{plan.Topic}}}","key":"${topic}"},"topic_id":"bench/{{{i}}}/#"}""");
        return Encoding.UTF8.GetBytes(text.Append("]}").ToString());
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
