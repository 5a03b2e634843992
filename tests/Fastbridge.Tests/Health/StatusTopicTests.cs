using System.Text;
using System.Text.Json.Nodes;
using Fastbridge.Core;
using Fastbridge.Core.Config;
using Fastbridge.Health;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Tests.Admin;
using Fastbridge.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fastbridge.Tests.Health;

/// <summary>The status as a subscriber at a real mosquitto sees it.</summary>
public class StatusTopicTests : IAsyncLifetime
{
    private const string Topic = "fastbridge/g1/status";

    private readonly CancellationTokenSource _stop = new();
    private readonly FakeBridge _bridge = new();
    private Mosquitto _broker = null!;
    private MqttClient _subscriber = null!;
    private Task _subscribing = null!;
    private readonly Heard _heard = new();
    private StatusTopicConfig? _config;

    public async ValueTask InitializeAsync()
    {
        _broker = await Mosquitto.StartAsync();
        MqttClientOptions options = new() { Host = "127.0.0.1", Port = _broker.Port };
        _subscriber = new MqttClient(options with { ClientId = "watcher", CleanStart = true, Subscriptions = [new MqttSubscription("fastbridge/#", Fastbridge.Mqtt.Protocol.QoS.AtLeastOnce, 0)] }, _heard);
        _subscribing = _subscriber.RunAsync(CancellationToken.None);
        _ = await _heard.Subscribed.WaitAsync(TestTools.Guard);
        _config = new StatusTopicConfig(Topic, options with { ClientId = "g1.status", CleanStart = true, SessionExpiryInterval = 0, ReconnectDelay = TimeSpan.FromMilliseconds(10) });
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await _stop.CancelAsync();
        await _subscriber.DisposeAsync();
        await _subscribing;
        await _broker.DisposeAsync();
        _heard.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task it_says_online_what_changes_and_stopped()
    {
        Task running = new StatusTopic(() => _config, () => _bridge.Status, NullLoggerFactory.Instance, TimeProvider.System).RunAsync(_stop.Token);
        Assert.Equal(0, (int)(await _heard.NextAsync("online"))["connectors"]!["Error"]!);
        _bridge.Status = _bridge.Status with { Connectors = [new ConnectorStatus("k", ConnectorState.Error, "refused", FakeBridge.Start, "")] };
        JsonNode trouble = (await _heard.NextAsync("online"))["trouble"]![0]!;
        Assert.Equal(("k", "refused"), ((string?)trouble["name"], (string?)trouble["why"]));
        await _stop.CancelAsync();
        await running;
        await _heard.NextAsync("stopped");
        Assert.DoesNotContain("offline", _heard.States);

        // Retained: who comes late sees the last word.
        using var late = new Heard();
        await using var another = new MqttClient(_config!.Mqtt with { ClientId = "late", Subscriptions = [new MqttSubscription(Topic, Fastbridge.Mqtt.Protocol.QoS.AtLeastOnce, 0)] }, late);
        Task reading = another.RunAsync(CancellationToken.None);
        await late.NextAsync("stopped");
        await another.DisposeAsync();
        await reading;
    }

    [Fact]
    public async Task a_bridge_that_is_cut_off_is_offline_and_online_again_at_once_when_it_is_back()
    {
        await using var proxy = new TcpProxy(_broker.Port);
        _config = _config! with { Mqtt = _config.Mqtt with { Port = proxy.Port } };
        Task running = new StatusTopic(() => _config, () => _bridge.Status, NullLoggerFactory.Instance, TimeProvider.System).RunAsync(_stop.Token);
        await _heard.NextAsync("online");
        proxy.Cut();
        await _heard.NextAsync("offline");
        await _heard.NextAsync("online");
        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task an_edit_moves_it_and_another_takes_it_away()
    {
        Task running = new StatusTopic(() => _config, () => _bridge.Status, NullLoggerFactory.Instance, TimeProvider.System).RunAsync(_stop.Token);
        await _heard.NextAsync("online");
        _config = _config! with { Topic = "fastbridge/other" };
        await _heard.NextAsync("stopped");
        await _heard.NextAsync("online");
        _config = null;
        await _heard.NextAsync("stopped");
        await _stop.CancelAsync();
        await running;
        Assert.Equal([Topic, Topic, "fastbridge/other", "fastbridge/other"], _heard.Topics);
    }

    private sealed class Heard : MqttWatcher, IDisposable
    {
        private readonly List<(string Topic, JsonNode Body)> _all = [];
        private readonly SemaphoreSlim _more = new(0);
        private int _next;

        public string?[] States
        {
            get
            {
                lock (_all) return [.. _all.Select(m => (string?)m.Body["state"])];
            }
        }

        public string[] Topics
        {
            get
            {
                lock (_all) return [.. _all.Select(m => m.Topic)];
            }
        }

        /// <summary>The next message, which must say this.</summary>
        public async Task<JsonNode> NextAsync(string state)
        {
            Assert.True(await _more.WaitAsync(TestTools.Guard), $"no \"{state}\"; heard: {string.Join(", ", States)}");
            lock (_all)
            {
                JsonNode body = _all[_next++].Body;
                Assert.Equal(state, (string?)body["state"]);
                return body;
            }
        }

        public void Dispose() => _more.Dispose();

        public override PublishOutcome OnPublish(in PublishPacket publish, Receipt receipt)
        {
            lock (_all)
                _all.Add((Encoding.UTF8.GetString(publish.Topic), JsonNode.Parse(publish.Payload.ToArray())!));
            _more.Release();
            return PublishOutcome.Taken;
        }
    }
}
