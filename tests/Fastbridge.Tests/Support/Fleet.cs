namespace Fastbridge.Tests.Support;

/// <summary>What a <see cref="Fleet"/> sends.</summary>
public sealed record FleetOptions
{
    /// <summary>The broker, on loopback.</summary>
    public required int Port { get; init; }

    public int Publishers { get; init; } = 4;

    /// <summary>For each publisher.</summary>
    public int Messages { get; init; } = 1000;

    public int Qos { get; init; } = 1;

    /// <summary>Topics are <c>root/publisher/n</c>.</summary>
    public string Root { get; init; } = "fleet";

    /// <summary>Topics of each publisher, used in turn.</summary>
    public int Topics { get; init; } = 3;

    /// <summary>Payload bytes; at least 24, so that every number fits.</summary>
    public int Size { get; init; } = 64;

    /// <summary>Messages a second of the whole fleet; 0: as fast as the broker takes them.</summary>
    public int Rate { get; init; }

    /// <summary>
    /// Sent and not yet acknowledged, for each publisher. 1000 at QoS 0 and 1. At QoS 2 it is 10: with 20 (its
    /// max_inflight_messages) unreleased ones of a 3.1.1 publisher, mosquitto 2.0.11 acknowledges what comes next and never delivers it.
    /// </summary>
    public int? Window { get; init; }

    /// <summary>Number of the first publisher: two fleets on one broker need different ones.</summary>
    public int FirstPublisher { get; init; }
}

/// <summary>
/// Publishers with a memory: message n of publisher p carries <c>p:n</c>, and the fleet knows which ones the broker has acknowledged. When
/// the connection breaks a publisher reconnects and sends the unacknowledged again, in order.
/// </summary>
public sealed class Fleet : IAsyncDisposable
{
    private readonly CancellationTokenSource _abort = new();
    private readonly FleetPublisher[] _publishers;
    private Task? _running;

    public Fleet(FleetOptions options)
    {
        Options = options;
        _publishers = [.. Enumerable.Range(options.FirstPublisher, options.Publishers).Select(n => new FleetPublisher(options, n))];
    }

    public FleetOptions Options { get; }

    /// <summary>Messages that the broker has acknowledged (QoS 0: that went into the socket).</summary>
    public int Acknowledged => _publishers.Sum(p => p.Acknowledged);

    /// <summary>Messages that went out more than once, because a connection broke before their acknowledgement: the broker may have them twice.</summary>
    public int Resent => _publishers.Sum(p => p.Resent);

    internal IReadOnlyList<FleetPublisher> Publishers => _publishers;

    /// <summary>Sends everything and returns when all of it is acknowledged.</summary>
    public static async Task<Fleet> SendAsync(FleetOptions options)
    {
        var fleet = new Fleet(options);
        fleet.Start();
        await fleet.CompleteAsync();
        return fleet;
    }

    public Fleet Start()
    {
        _running = Task.WhenAll(_publishers.Select(p => Task.Run(() => p.RunAsync(_abort.Token))));
        return this;
    }

    /// <summary>Waits until the broker has acknowledged so many messages.</summary>
    public async Task WaitForAsync(int acknowledged)
    {
        DateTime deadline = DateTime.UtcNow + TestTools.Guard;
        while (Acknowledged < acknowledged)
        {
            if (DateTime.UtcNow > deadline) throw new TimeoutException($"only {Acknowledged} of {acknowledged} messages are acknowledged to the fleet");
            if (_running!.IsCompleted && Acknowledged < acknowledged) await _running;
            await Task.WhenAny(_running, Task.Delay(5));
        }
    }

    /// <summary>Waits until every message is sent and acknowledged.</summary>
    public async Task CompleteAsync()
    {
        try
        {
            await _running!.WaitAsync(2 * TestTools.Guard);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"the fleet hangs: {Acknowledged} of {Options.Publishers * Options.Messages} messages are acknowledged");
        }
    }

    /// <summary>Sends nothing new, and returns when what was sent is acknowledged.</summary>
    public async Task StopAsync()
    {
        foreach (FleetPublisher publisher in _publishers) publisher.Stop();
        await CompleteAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _abort.CancelAsync();
        if (_running is not null) await _running.ContinueWith(_ => { }, TaskScheduler.Default).Guarded();
        foreach (FleetPublisher publisher in _publishers) publisher.Dispose();
        _abort.Dispose();
    }
}
