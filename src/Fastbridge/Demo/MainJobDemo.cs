using System.Globalization;
using System.Text;
using System.Text.Json;
using Fastbridge.Cli;
using Fastbridge.Core;
using Fastbridge.Core.Config;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Mock;
using Fastbridge.Kafka.Reading;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Demo;

/// <summary>
/// The main job in one command: a fleet publishes to a mosquitto of the demo's own, the real bridge carries it from a connectors file like any
/// other into librdkafka's embedded mock cluster, and a consumer shows what arrived.
/// </summary>
internal sealed class MainJobDemo(Settings settings, TextWriter output)
{
    private const string Topic = "mqtt_messages";

    /// <summary>Far above what a loopback demo takes; a hang ends with a word instead of never.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <returns>Every message arrived once and in order.</returns>
    /// <exception cref="DemoException">It cannot run here.</exception>
    public async Task<bool> RunAsync(CancellationToken stop)
    {
        string folder = Directory.CreateTempSubdirectory("fastbridge-demo-").FullName;
        try
        {
            return await RunInAsync(folder, stop).ConfigureAwait(false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<bool> RunInAsync(string folder, CancellationToken stop)
    {
        await using LocalMosquitto mosquitto = await LocalMosquitto.StartAsync(folder, stop).ConfigureAwait(false);
        using var kafka = new MockKafka();
        kafka.CreateTopic(Topic, settings.DemoPartitions);
        string file = Path.Combine(folder, "connectors.json");
        string text = ConnectorsFileText(mosquitto.Port, kafka.BootstrapServers);
        await File.WriteAllTextAsync(file, text, stop).ConfigureAwait(false);
        await output.WriteLineAsync($"fastbridge {Cli.Version.Text} demo: mosquitto on 127.0.0.1:{mosquitto.Port}, an embedded Kafka on {kafka.BootstrapServers}").ConfigureAwait(false);
        await output.WriteLineAsync($"\nThe connectors file:\n\n{text}\n\nfastbridge run --config connectors.json\n").ConfigureAwait(false);

        LoadResult loaded = ConnectorsFile.Load(file);
        if (loaded.Config is null)
            throw new DemoException(string.Join("; ", loaded.Faults));
        using ILoggerFactory loggers = Logs.LogOutput.Create(settings.LogLevels, Logs.LogFormat.Text);
        using var stopBridge = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await using var sinks = new KafkaSinkFactory(loggers);
        await using var bridge = new Bridge(loaded.Config, sinks, loggers, TimeProvider.System);
        Task<long> running = bridge.RunAsync(settings.Drain, stopBridge.Token);

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        var ledger = new DemoLedger(new Fleet([.. settings.DemoFleet]).Messages(settings.DemoMessages));
        bool whole;
        try
        {
            await bridge.WhenRunningAsync(patience.Token).ConfigureAwait(false);
            Task shown = ShowAsync(kafka.BootstrapServers, ledger, patience.Token);
            await PublishAsync(mosquitto.Port, ledger, patience.Token).ConfigureAwait(false);
            await shown.ConfigureAwait(false);
            whole = true;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            whole = false;
        }

        await stopBridge.CancelAsync().ConfigureAwait(false);
        await running.ConfigureAwait(false);
        await output.WriteLineAsync($"\n{ledger.Summary()}").ConfigureAwait(false);
        return whole && ledger.IsPerfect;
    }

    private static async Task PublishAsync(int port, DemoLedger ledger, CancellationToken stop)
    {
        var options = new MqttClientOptions { Host = "127.0.0.1", Port = port, ClientId = "fleet", CleanStart = true, SessionExpiryInterval = 0 };
        await using var fleet = new MqttClient(options, new MqttPublisher());
        Task running = fleet.RunAsync(stop);
        await fleet.WaitForConnectedAsync(stop).ConfigureAwait(false);
        foreach ((string topic, byte[] payload) in ledger.Expected)
        {
            PublishResult result = await fleet.PublishAsync(new OutgoingPublish(topic, payload) { QoS = QoS.AtLeastOnce }, stop).ConfigureAwait(false);
            if (!result.IsSuccess)
                throw new DemoException($"mosquitto refused a message on {topic}: {result.ReasonCode}");
        }

        await fleet.DisconnectAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(false);
        await running.ConfigureAwait(false);
    }

    private async Task ShowAsync(string bootstrap, DemoLedger ledger, CancellationToken stop)
    {
        bool first = true;
        await foreach (KafkaRecord record in KafkaReader.ReadAsync(bootstrap, Topic, ledger.Expected.Count, cancellationToken: stop).ConfigureAwait(false))
        {
            if (first)
                await output.WriteLineAsync($"The first record's value, as any consumer gets it:\n\n{Encoding.UTF8.GetString(record.Value!)}\n\nAll of them, the payload decoded:\n").ConfigureAwait(false);
            first = false;
            using JsonDocument value = JsonDocument.Parse(record.Value!);
            string topic = value.RootElement.GetProperty("topic").GetString()!;
            byte[] payload = value.RootElement.GetProperty("payload").GetBytesFromBase64();
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"partition {record.Partition}  offset {record.Offset,-3}  key {Encoding.UTF8.GetString(record.Key ?? []),-28} {Encoding.UTF8.GetString(payload)}")).ConfigureAwait(false);
            ledger.Arrived(topic, payload);
            if (ledger.AllArrived)
                return;
        }
    }

    private static string ConnectorsFileText(int mqttPort, string bootstrap) => $$"""
        {
          "mqtt": { "server": "mqtt://127.0.0.1:{{mqttPort}}", "client_id": "demo" },
          "connectors": [
            {
              "connector_name": "fleet_to_kafka",
              "connector_type": "Kafka",
              "config": { "bootstrap_servers": "{{bootstrap}}", "topic": "{{Topic}}", "key": "${topic[1]}" },
              "topic_id": "fleet/#"
            }
          ]
        }
        """;
}
