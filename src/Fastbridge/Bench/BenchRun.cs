using System.Diagnostics;
using System.Globalization;
using Confluent.Kafka;
using Fastbridge.Kafka.Reading;

namespace Fastbridge.Bench;

/// <summary>One bench: a Kafka, a load source, the bridge in a child process, and what came of it. Takes a thread; one use.</summary>
internal sealed class BenchRun(BenchPlan plan, ProgressLine progress, CancellationToken stop)
{
    /// <summary>Without any message getting on, or any connector subscribing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(50);

    /// <summary>At QoS 0 the bridge alone knows how far it is, and to ask costs it some allocation; so not more often.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(1);

    /// <summary>Or a tenth of the messages: in it connections and windows grow to what the load needs, once.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    private BridgeUse _before = null!;
    private BridgeUse? _warm;
    private BridgeUse _use = null!;
    private long _shownCount;
    private long _asked;

    /// <exception cref="BenchException">It cannot run here, or came to a halt.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public BenchReport Run()
    {
        string folder = NewFolder();
        try
        {
            using var kafka = new BenchKafka(plan, progress.Say, stop);
            return RunOn(kafka, folder);
        }
        catch (KafkaException e)
        {
            throw new BenchException($"Kafka at {plan.Bootstrap ?? "the embedded cluster"}: {e.Error.Reason.TrimEnd('.')}; is it still there?");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string NewFolder()
    {
        try
        {
            return Directory.CreateTempSubdirectory("fastbridge-bench-").FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchException($"no folder can be made in {Path.GetTempPath()} ({e.Message.TrimEnd('.')}); set TMPDIR to one that can be written");
        }
    }

    private BenchReport RunOn(BenchKafka kafka, string folder)
    {
        using var source = new LoadServer(plan);
        string file = Path.Combine(folder, "connectors.json");
        File.WriteAllBytes(file, BenchFile.Text(plan, source.Port, kafka.Bootstrap, folder));
        using var bridge = BenchBridge.Start(file);
        Until(() => source.Subscribed == plan.Connectors, () => source.Subscribed, source, bridge);

        using var endScan = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var check = new RecordCheck(plan.Connectors);
        var scan = new KafkaScan(kafka.Bootstrap, plan.Topic, BenchPlan.Partitions);
        Task scanning = Task.CompletedTask;
        void StartScan() => scanning = Task.Factory.StartNew(() => scan.Run(check.Take, endScan.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            // What forgets is read at once; a real Kafka is read when the figures are taken, and does not disturb them.
            if (kafka.Forgets)
            {
                StartScan();
                Task.WaitAny([scanning, scan.Ready], stop);
            }

            _before = _use = bridge.Look(stop);
            source.Start();
            _asked = source.Began;
            Until(() => IsFed(source, bridge), () => source.Sent + source.Acked + _use.Delivered, source, bridge);
            long ended = plan.QoS == 0 ? Stopwatch.GetTimestamp() : source.LastAckAt;
            scan.Finish();
            if (!kafka.Forgets)
            {
                progress.Show("reading the records back");
                StartScan();
            }

            scanning.GetAwaiter().GetResult();
            check.Unread = scan.Forgotten;
            return new BenchReport
            {
                Plan = plan,
                Messages = source.Sent,
                Seconds = Stopwatch.GetElapsedTime(source.Began, ended).TotalSeconds,
                Latency = source.Latency(),
                Before = _before,
                Warm = _warm ?? _before,
                After = _use,
                Check = check,
                UnorderedAcks = source.Unordered,
            };
        }
        finally
        {
            endScan.Cancel();
            Task.WaitAny(scanning); // whatever became of it
        }
    }

    /// <summary>All is sent, acknowledged and in Kafka.</summary>
    private bool IsFed(LoadServer source, BenchBridge bridge)
    {
        double seconds = Stopwatch.GetElapsedTime(source.Began).TotalSeconds;
        if (plan.Messages is null && seconds >= plan.Seconds)
            source.Enough();
        bool done = source.IsDone;
        bool warm = _warm is null && !done && (seconds >= WarmUp.TotalSeconds || source.Sent > plan.Messages / 10);
        if (done || warm || (plan.QoS == 0 && Stopwatch.GetElapsedTime(_asked) >= AskEvery))
        {
            _use = bridge.Look(stop);
            _asked = Stopwatch.GetTimestamp();
            if (warm)
                _warm = _use;
        }

        if (progress.IsDue(out TimeSpan since))
        {
            long count = plan.QoS == 0 ? _use.Delivered : source.Acked;
            progress.Show(string.Create(CultureInfo.InvariantCulture, $"{seconds:0} s: {count:N0} messages, {(count - _shownCount) / since.TotalSeconds:N0}/s"));
            _shownCount = count;
        }

        return done && _use.Delivered >= source.Sent;
    }

    private void Until(Func<bool> done, Func<long> mark, LoadServer source, BenchBridge bridge)
    {
        long last = mark();
        long since = Stopwatch.GetTimestamp();
        while (!done())
        {
            if (bridge.HasExited)
                throw bridge.Ended();
            if (source.Fault is { } fault)
                throw new BenchException($"{fault}; the bridge says: {bridge.LastLine}");
            if (mark() is var now && now != last)
            {
                last = now;
                since = Stopwatch.GetTimestamp();
            }
            else if (Stopwatch.GetElapsedTime(since) > Patience)
            {
                throw new BenchException(string.Create(CultureInfo.InvariantCulture, $"nothing has moved for {Patience.TotalSeconds:0} s; the bridge says: {bridge.LastLine}"));
            }

            stop.WaitHandle.WaitOne(LookEvery);
            stop.ThrowIfCancellationRequested();
        }
    }
}
