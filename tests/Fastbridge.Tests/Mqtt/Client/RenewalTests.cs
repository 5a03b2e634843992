using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>Certificate files that change while the connection stands: it is made anew with them, and nothing is lost.</summary>
public class RenewalTests : ClientTest
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task certificates_that_are_replaced_under_load_lose_no_message()
    {
        using Certificates certificates = new();
        await using Mosquitto broker = await Mosquitto.StartAsync(MosquittoOptions.Keeping with { Tls = certificates, RequireClientCertificate = true });
        MqttClientOptions plain = OptionsFor(broker.Port);
        MqttClient client = Start(plain with
        {
            Host = "localhost",
            Port = new Uri(broker.TlsUrl).Port,
            Tls = new MqttTlsOptions { CaFile = certificates.CaFile, CertFile = certificates.ClientCertFile, KeyFile = certificates.ClientKeyFile },
            Subscriptions = [new MqttSubscription("t", QoS.AtLeastOnce)],
        });
        await Handler.EventAsync<MqttEvent.Subscribed>();
        MqttClient publisher = Start(plain with { ClientId = "publisher" }, handler: new MqttWatcher());
        await publisher.WaitForConnectedAsync(Cancelled).Guarded();

        const int count = 20_000, renewals = 4;
        int sent = 0;
        Task sending = Task.Run(async () =>
        {
            while (sent < count)
            {
                Task<PublishResult>[] some = [.. Enumerable.Range(0, 100).Select(_ => publisher.PublishAsync(new OutgoingPublish("t", BitConverter.GetBytes(sent++)) { QoS = QoS.AtLeastOnce }, Cancelled).AsTask())];
                await Task.WhenAll(some);
            }
        }, Cancelled);
        var got = new HashSet<int>();
        int renewed = 0;
        while (got.Count < count)
        {
            ReceivedMessage message = await Handler.MessageAsync();
            got.Add(BitConverter.ToInt32(message.Payload));
            client.Acknowledge(message.Receipt);
            if (got.Count <= (renewed + 1) * count / (renewals + 1) || renewed == renewals)
                continue;
            renewed++;
            certificates.RenewClient();
            client.Renew("its files have changed");
        }

        await sending.Guarded();
        for (int i = 0; i < renewals; i++)
        {
            Assert.Equal("its files have changed", (await Handler.EventAsync<MqttEvent.Renewing>()).Reason);
            Assert.True((await Handler.EventAsync<MqttEvent.Connected>()).SessionPresent);
        }

        Assert.Equal(Enumerable.Range(0, count), got.Order());
    }

    [Fact]
    public async Task files_that_cannot_be_used_leave_the_connection_alone()
    {
        using Certificates certificates = new();
        using TempFolder folder = new("tls");
        string ca = folder.Write("ca.pem", await File.ReadAllTextAsync(certificates.CaFile, Cancelled));
        await using ScriptedBroker broker = TlsTests.TlsBroker(certificates);
        MqttClient client = Start(OptionsFor(broker.Port) with { Tls = new MqttTlsOptions { CaFile = ca } });
        ScriptedLink link = await broker.AcceptAsync();
        await client.WaitForConnectedAsync(Cancelled).Guarded();

        folder.Write("ca.pem", "half writ");
        client.Renew("a file has changed");
        string said = (await Handler.EventAsync<MqttEvent.Warned>()).Text;
        Assert.Contains("a file has changed, and cannot be used: TLS: tls.ca_file ", said, StringComparison.Ordinal);
        await link.SendAsync(ServerPackets.Publish(MqttVersion.V5, "t", "still"u8.ToArray(), 1, 1));
        Assert.Equal("still", (await Handler.MessageAsync()).Text);

        folder.Write("ca.pem", await File.ReadAllTextAsync(certificates.CaFile, Cancelled));
        client.Renew("a file has changed");
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        await broker.AcceptAsync(sessionPresent: true);
        await Handler.EventAsync<MqttEvent.Renewing>();
        await Handler.EventAsync<MqttEvent.Connected>();
    }

    [Fact]
    public async Task a_session_that_ends_with_its_connection_is_not_cut()
    {
        ScriptedBroker broker = Broker();
        MqttClient client = Start(OptionsFor(broker.Port) with { SessionExpiryInterval = 0 });
        ScriptedLink link = await broker.AcceptAsync();
        await client.WaitForConnectedAsync(Cancelled).Guarded();
        client.Renew("a file has changed");
        Task closing = client.DisconnectAsync(Deadline);
        await link.ReadAsync(PacketType.Disconnect);
        await link.DisposeAsync();
        await closing.Guarded();
        Assert.Single(Handler.Connections);
    }
}
