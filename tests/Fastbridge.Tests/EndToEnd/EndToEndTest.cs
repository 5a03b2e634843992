using System.Text.Json.Nodes;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>Tests that load the cores, or stop servers: one at a time, and one of the fault matrix beside it, so that two cores carry them.</summary>
[CollectionDefinition(Name)]
public sealed class HeavyTests
{
    public const string Name = "end to end, heavy";
}

/// <summary>
/// A test of the published executable: its own folder, servers and bridges, all of which end with it. The bridges' logs go to the test's
/// output, which the runner shows where the test fails.
/// </summary>
public abstract class EndToEndTest(Lab lab) : IAsyncLifetime
{
    private readonly List<BridgeProcess> _bridges = [];
    private readonly List<IAsyncDisposable> _owned = [];

    /// <summary>What every test's connector is called, unless it has several.</summary>
    protected const string Name = "main";

    /// <summary>
    /// For <see cref="Ledger.Check"/> after a crash or a lost link at QoS 1 and 2: what was in flight may come twice, and with mosquitto 2.0 that can
    /// be everything it has queued. Where a queue waits it answers each batch of n acknowledgements with n times n messages (20, 400, 8,000 …),
    /// whatever max_inflight_messages and Receive Maximum say. So repeats are noted, not limited.
    /// </summary>
    protected const int AnyRepeats = -1;

    /// <summary>
    /// For <see cref="BridgeFile.Add"/>, where the test stops Kafka and starts it again: librdkafka asks twice a second whether it is back. By default the
    /// pauses grow to 10 s, which would be most of the test.
    /// </summary>
    protected static readonly Action<JsonObject, JsonObject> AskingOften = (_, config) => config["properties"] = new JsonObject { ["reconnect.backoff.max.ms"] = "500" };

    protected Lab Lab { get; } = lab;

    protected TempFolder Folder { get; } = new("end-to-end");

    /// <summary>Where the bridge keeps dead letters by default.</summary>
    protected string StateDir => Folder.File("fastbridge-state");

    public ValueTask InitializeAsync()
    {
        TestTools.RequireExecutable();
        return ValueTask.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (BridgeProcess bridge in _bridges) Note($"--- log of bridge {bridge.Process.Id}\n{bridge.Log.Tail}");
        var faults = new List<Exception>();
        IEnumerable<IAsyncDisposable> all = [.. _bridges, .. Enumerable.Reverse(_owned)];
        foreach (IAsyncDisposable owned in all)
        {
            try
            {
                await owned.DisposeAsync();
            }
            catch (Exception e)
            {
                // The others must end all the same.
                faults.Add(e);
            }
        }

        Folder.Dispose();
        if (faults.Count > 0) throw new AggregateException(faults);
    }

    protected static void Note(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    /// <summary>Disposed at the end of the test, the last one first.</summary>
    protected T Own<T>(T owned)
        where T : IAsyncDisposable
    {
        _owned.Add(owned);
        return owned;
    }

    protected async Task<Mosquitto> MosquittoAsync(MosquittoOptions? options = null) => Own(await Mosquitto.StartAsync(options));

    protected Fleet StartFleet(FleetOptions options) => Own(new Fleet(options)).Start();

    /// <summary>Sends everything and returns when all of it is acknowledged by the broker.</summary>
    protected async Task<Fleet> SendAsync(FleetOptions options)
    {
        Fleet fleet = StartFleet(options);
        await fleet.CompleteAsync();
        return fleet;
    }

    /// <summary>
    /// What most tests stand on: a Kafka topic with a ledger, a mosquitto, and the file of a bridge whose only connector carries <c>fleet/#</c> from one to
    /// the other. The bridge is not started.
    /// </summary>
    /// <param name="proxied">The bridge reaches the broker through <see cref="Course.Proxy"/>.</param>
    /// <param name="kafka">Default: the lab's. One of the test's own, which it stops and starts again.</param>
    protected async Task<Course> CourseAsync(
        string purpose, int qos = 1, int version = 5, MosquittoOptions? options = null, bool proxied = false, int? keepAlive = null, string? kafka = null)
    {
        Action<JsonObject, JsonObject>? more = kafka is null ? null : AskingOften;
        kafka ??= await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, purpose);
        Mosquitto broker = await MosquittoAsync(options);
        TcpProxy? proxy = proxied ? Own(new TcpProxy(broker.Port)) : null;
        var file = new BridgeFile(proxy?.Url ?? broker.Url, version, qos);
        if (keepAlive is not null) file.Mqtt["keep_alive"] = keepAlive;
        return Own(new Course(broker, proxy, file.Add(Name, "fleet/#", kafka, topic, more).Write(Folder), new Ledger(kafka, topic), qos));
    }

    /// <summary>A fleet on the course's broker, of that QoS, that publishes at this rate until it is stopped.</summary>
    protected Fleet StartFleet(Course course, int rate) =>
        StartFleet(new FleetOptions { Port = course.Broker.Port, Qos = course.Qos, Messages = 1_000_000, Rate = rate });

    /// <summary>The end of the course: the fleet stops, the bridge ends in good order when all is in Kafka, and the ledger is checked.</summary>
    protected static async Task FinishAsync(Course course, BridgeProcess bridge, Fleet fleet, int repeats = 0)
    {
        await fleet.StopAsync();
        await course.Ledger.ReadAllAsync([fleet]);
        await EndAsync(bridge);
        await course.Ledger.ReadToEndAsync();
        Note($"{fleet.Acknowledged} messages, {course.Ledger.Count} records");
        course.Ledger.Check([fleet], repeats);
    }

    /// <summary>Starts a bridge, and returns at once.</summary>
    protected BridgeProcess Start(string file, IReadOnlyDictionary<string, string?>? environment = null)
    {
        BridgeProcess bridge = BridgeProcess.Start(file, environment);
        _bridges.Add(bridge);
        return bridge;
    }

    /// <summary>Starts a bridge, and returns when each of these connectors (default: the only one) has its subscription, new or with its session.</summary>
    protected async Task<BridgeProcess> StartSubscribedAsync(string file, params string[] connectors)
    {
        BridgeProcess bridge = Start(file);
        foreach (string connector in connectors.DefaultIfEmpty(Name)) await bridge.WaitForSubscriptionAsync(connector);
        return bridge;
    }

    /// <summary>See <see cref="CourseAsync"/>.</summary>
    protected sealed record Course(Mosquitto Broker, TcpProxy? Link, string File, Ledger Ledger, int Qos) : IAsyncDisposable
    {
        public TcpProxy Proxy => Link ?? throw new InvalidOperationException("the course has no proxy");

        public ValueTask DisposeAsync()
        {
            Ledger.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Ends the bridge by SIGTERM: it must go in good order, whatever the test did to it.</summary>
    protected static async Task EndAsync(BridgeProcess bridge)
    {
        (int code, TimeSpan took) = await bridge.StopAsync();
        Note($"SIGTERM to exit: {took.TotalMilliseconds:F0} ms");
        Assert.Equal(0, code);
    }
}
