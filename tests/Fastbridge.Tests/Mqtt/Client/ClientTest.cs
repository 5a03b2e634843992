using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>A client against a scripted broker, both ended with the test.</summary>
public abstract class ClientTest : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _runs = [];

    internal RecordingHandler Handler { get; } = new();

    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    internal ScriptedBroker Broker(MqttVersion version = MqttVersion.V5)
    {
        ScriptedBroker broker = new(version);
        _owned.Add(broker);
        return broker;
    }

    /// <summary>Reconnects at once, so that a test does not wait.</summary>
    internal static MqttClientOptions OptionsFor(int port, MqttVersion version = MqttVersion.V5) => new()
    {
        Host = "127.0.0.1",
        Port = port,
        Version = version,
        ClientId = $"client-{port}",
        ReconnectDelay = TimeSpan.FromMilliseconds(1),
        ReconnectDelayMax = TimeSpan.FromMilliseconds(20),
        ConnectTimeout = TimeSpan.FromSeconds(60),
    };

    internal MqttClient Start(MqttClientOptions options, TimeProvider? time = null, IMqttHandler? handler = null)
    {
        MqttClient client = new(options, handler ?? Handler, null, time);
        _runs.Add(client.RunAsync(_stop.Token));
        return client;
    }

    internal MqttClient Start(ScriptedBroker broker, Func<MqttClientOptions, MqttClientOptions>? change = null)
    {
        MqttClientOptions options = OptionsFor(broker.Port, broker.Version);
        return Start(change?.Invoke(options) ?? options);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (IAsyncDisposable owned in _owned)
            await owned.DisposeAsync();
        await Task.WhenAll(_runs).Guarded();
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }
}
