using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Mqtt.Transport;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>The client against a real broker, both versions.</summary>
public class MosquittoTests : ClientTest
{
    private static MqttSubscription To(string filter, QoS qos) => new(filter, qos);

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task every_QoS_in_both_directions(MqttVersion version)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync(MosquittoOptions.AsInstalled);
        MqttClient client = Start(OptionsFor(broker.Port, version) with { Subscriptions = [To("t/#", QoS.ExactlyOnce)] });
        MqttEvent.Subscribed subscribed = await Handler.EventAsync<MqttEvent.Subscribed>();
        Assert.False(subscribed.Grants[0].IsFault);

        const int count = 300; // far more than the 20 that it keeps in flight
        Task<PublishResult>[] published = [.. Enumerable.Range(0, count).Select(i =>
            client.PublishAsync(new OutgoingPublish($"t/{i % 3}", BitConverter.GetBytes(i)) { QoS = (QoS)(i % 3) }).AsTask())];
        List<int>[] got = [[], [], []];
        for (int i = 0; i < count; i++)
        {
            ReceivedMessage m;
            try
            {
                m = await Handler.MessageAsync();
            }
            catch (TimeoutException)
            {
                string have = string.Join(", ", got.Select((l, qos) => $"{l.Count} at QoS {qos}"));
                throw new TimeoutException($"{have}; {published.Count(p => p.IsCompleted)} published; mosquitto says:\n{broker.Log.Tail}");
            }

            Assert.Equal($"t/{(int)m.QoS}", m.Topic);
            got[(int)m.QoS].Add(BitConverter.ToInt32(m.Payload));
            client.Acknowledge(m.Receipt);
        }

        for (int qos = 0; qos < 3; qos++)
            Assert.Equal(Enumerable.Range(0, count).Where(i => i % 3 == qos), got[qos]);
        Assert.All(await Task.WhenAll(published).Guarded(), r => Assert.True(r.IsSuccess));
        await client.DisconnectAsync(Deadline).Guarded();
        Assert.DoesNotContain("protocol error", broker.Log.Text, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task a_session_is_resumed_by_the_next_process_with_what_was_queued_and_what_was_not_acked(MqttVersion version)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        MqttClientOptions options = OptionsFor(broker.Port, version) with { Subscriptions = [To("t", QoS.ExactlyOnce)] };
        RecordingHandler before = new();
        MqttClient first = Start(options, handler: before);
        await before.EventAsync<MqttEvent.Subscribed>();
        MqttClient publisher = Start(options with { ClientId = "publisher", Subscriptions = [] });
        await publisher.PublishAsync(new OutgoingPublish("t", "acked"u8.ToArray()) { QoS = QoS.AtLeastOnce }, TestContext.Current.CancellationToken).AsTask().Guarded();
        await publisher.PublishAsync(new OutgoingPublish("t", "held"u8.ToArray()) { QoS = QoS.ExactlyOnce }, TestContext.Current.CancellationToken).AsTask().Guarded();
        ReceivedMessage[] m = await before.MessagesAsync(2);
        first.Acknowledge(m[0].Receipt);
        await first.DisconnectAsync(Deadline).Guarded();
        await publisher.PublishAsync(new OutgoingPublish("t", "queued"u8.ToArray()) { QoS = QoS.AtLeastOnce }, TestContext.Current.CancellationToken).AsTask().Guarded();

        RecordingHandler after = new();
        MqttClient second = Start(options, handler: after);
        Assert.True((await after.EventAsync<MqttEvent.Connected>()).SessionPresent);
        ReceivedMessage[] again = await after.MessagesAsync(2);
        Assert.Equal(["held", "queued"], again.Select(x => x.Text));
        Assert.True(again[0].Dup);
        second.Acknowledge([again[1].Receipt, again[0].Receipt]);
        await second.DisconnectAsync(Deadline).Guarded();

        RecordingHandler third = new();
        Start(options, handler: third);
        await third.EventAsync<MqttEvent.Subscribed>();
        Assert.False(third.HasMessage);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task the_broker_is_restarted_and_the_client_resumes(MqttVersion version)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        MqttClient client = Start(OptionsFor(broker.Port, version) with { Subscriptions = [To("t", QoS.AtLeastOnce)] });
        await Handler.EventAsync<MqttEvent.Subscribed>();
        await broker.StopAsync();
        Task<PublishResult> published = client.PublishAsync(new OutgoingPublish("t", "later"u8.ToArray()) { QoS = QoS.AtLeastOnce }, TestContext.Current.CancellationToken).AsTask();
        await broker.StartAgainAsync();
        Assert.True((await published.Guarded()).IsSuccess);
        Assert.Equal("later", (await Handler.MessageAsync()).Text);
        Assert.Equal(2, Handler.Connections.Last().Connection);
        Assert.True(Handler.Connections.Last().SessionPresent);
    }

    [Theory]
    [InlineData(MqttVersion.V311)]
    [InlineData(MqttVersion.V5)]
    public async Task the_will_is_published_when_the_connection_is_cut_and_not_after_a_disconnect(MqttVersion version)
    {
        await using Mosquitto broker = await Mosquitto.StartAsync();
        MqttClientOptions options = OptionsFor(broker.Port, version);
        Start(options with { ClientId = "watcher", Subscriptions = [To("wills/#", QoS.AtLeastOnce)] });
        await Handler.EventAsync<MqttEvent.Subscribed>();

        MqttClient polite = Start(options with { ClientId = "polite", Will = new MqttWill("wills/polite", new byte[1]) }, handler: new RecordingHandler());
        await polite.WaitForConnectedAsync(TestContext.Current.CancellationToken).Guarded();
        await polite.DisconnectAsync(Deadline).Guarded();

        TaskCompletionSource<MqttTransport> opened = new();
        MqttClientOptions cut = options with { ClientId = "cut", Will = new MqttWill("wills/cut", "gone"u8.ToArray(), QoS.AtLeastOnce) };
        MqttClient client = new(cut, new RecordingHandler(), null, null, async (o, c) =>
        {
            MqttTransport transport = await Connector.ConnectAsync(o, c);
            opened.TrySetResult(transport);
            return transport;
        });
        using CancellationTokenSource stop = new();
        Task run = client.RunAsync(stop.Token);
        await client.WaitForConnectedAsync(TestContext.Current.CancellationToken).Guarded();
        (await opened.Task.Guarded()).Dispose();
        ReceivedMessage will = await Handler.MessageAsync();
        Assert.Equal(("wills/cut", "gone"), (will.Topic, will.Text));
        await stop.CancelAsync();
        await run.Guarded();
    }

    [Fact]
    public async Task tls_with_a_client_certificate()
    {
        using Certificates certificates = new();
        await using Mosquitto broker = await Mosquitto.StartAsync(new MosquittoOptions { Tls = certificates, RequireClientCertificate = true });
        MqttClientOptions options = OptionsFor(new Uri(broker.TlsUrl).Port) with { Host = "localhost" };
        MqttTlsOptions tls = new() { CaFile = certificates.CaFile };
        RecordingHandler refused = new();
        MqttClient without = Start(options with { Tls = tls }, handler: refused);
        Assert.NotEmpty((await refused.EventAsync<MqttEvent.Lost>()).Reason);
        await without.DisposeAsync();

        options = options with
        {
            Tls = tls with { CertFile = certificates.ClientCertFile, KeyFile = certificates.ClientKeyFile },
            Subscriptions = [To("t", QoS.AtLeastOnce)],
        };

        // Twice: the second handshake could resume the first one's TLS session, which a server that asks for certificates may refuse.
        RecordingHandler before = new();
        MqttClient first = Start(options, handler: before);
        await before.EventAsync<MqttEvent.Subscribed>();
        await first.DisconnectAsync(Deadline).Guarded();
        MqttClient client = Start(options);
        await Handler.EventAsync<MqttEvent.Subscribed>();
        byte[] payload = new byte[1_000_000];
        new Random(4).NextBytes(payload);
        await client.PublishAsync(new OutgoingPublish("t", payload) { QoS = QoS.AtLeastOnce }, TestContext.Current.CancellationToken).AsTask().Guarded();
        Assert.Equal(payload, (await Handler.MessageAsync()).Payload);
        await client.DisconnectAsync(Deadline).Guarded();
    }
}
