using System.Net;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>MQTT by way of a proxy: through it, and what a refusal reads like.</summary>
public class ProxyTests : ClientTest
{
    private static MqttProxy At(ProxyServer server, MqttProxyKind kind, string? user = null, string? password = null) =>
        new() { Kind = kind, Host = "127.0.0.1", Port = server.Port, Username = user, Password = password };

    [Theory]
    [InlineData(MqttProxyKind.Socks5, "ip:")]
    [InlineData(MqttProxyKind.Socks5H, "name:localhost:")]
    [InlineData(MqttProxyKind.Http, "http:localhost:")]
    public async Task each_kind_of_proxy_leads_to_the_broker_with_and_without_a_password(MqttProxyKind kind, string asked)
    {
        foreach ((string, string)? credentials in ((string, string)?[])[null, ("us er", "p:ss@")])
        {
            ScriptedBroker broker = Broker();
            await using var proxy = new ProxyServer(broker.Port) { Credentials = credentials };
            MqttClient client = Start(OptionsFor(broker.Port) with { Host = "localhost", Proxy = At(proxy, kind, credentials?.Item1, credentials?.Item2) });
            ScriptedLink link = await broker.AcceptAsync();
            await client.WaitForConnectedAsync(TestContext.Current.CancellationToken).Guarded();
            Assert.StartsWith(asked, proxy.Asked[0], StringComparison.Ordinal);
            Assert.EndsWith($":{broker.Port}", proxy.Asked[0], StringComparison.Ordinal);
            await link.DisposeAsync();
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task tls_runs_through_the_proxy_from_end_to_end()
    {
        using Certificates certificates = new();
        await using ScriptedBroker broker = TlsTests.TlsBroker(certificates);
        await using var proxy = new ProxyServer(broker.Port);
        Start(OptionsFor(broker.Port) with { Host = "localhost", Proxy = At(proxy, MqttProxyKind.Socks5H), Tls = new MqttTlsOptions { CaFile = certificates.CaFile } });
        await broker.AcceptAsync();
        await Handler.EventAsync<MqttEvent.Connected>();
    }

    [Theory]
    [InlineData(MqttProxyKind.Socks5H, 2, "", "its rules do not permit a connection to localhost:")]
    [InlineData(MqttProxyKind.Socks5H, 4, "", "it cannot reach the host of localhost:")]
    [InlineData(MqttProxyKind.Socks5H, 5, "", "refuses the connection; is the broker running there?")]
    [InlineData(MqttProxyKind.Socks5H, 99, "", "(reply 99)")]
    [InlineData(MqttProxyKind.Http, 0, "403 Forbidden", "it does not permit a connection to localhost:")]
    [InlineData(MqttProxyKind.Http, 0, "502 Bad Gateway", "it cannot reach localhost:")]
    [InlineData(MqttProxyKind.Http, 0, "301 Elsewhere", "it refuses (301 Elsewhere)")]
    public async Task a_refusal_is_one_line_that_names_the_proxy(MqttProxyKind kind, byte reply, string status, string says)
    {
        await using var proxy = new ProxyServer(1) { Reply = reply, Status = status.Length > 0 ? status : "200 OK" };
        string reason = await ReasonAsync(At(proxy, kind));
        Assert.Contains($"://127.0.0.1:{proxy.Port}: ", reason, StringComparison.Ordinal);
        Assert.Contains(says, reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MqttProxyKind.Socks5, null, null, "it asks for a user name and password; write them in mqtt.proxy")]
    [InlineData(MqttProxyKind.Socks5, "user", "hunter2", "it refuses user name and password; check mqtt.proxy")]
    [InlineData(MqttProxyKind.Http, null, null, "it asks for a user name and password (407")]
    [InlineData(MqttProxyKind.Http, "user", "hunter2", "it refuses user name and password (407")]
    public async Task a_wrong_password_is_said_and_not_shown(MqttProxyKind kind, string? user, string? password, string says)
    {
        await using var proxy = new ProxyServer(1) { Credentials = ("user", "right") };
        string reason = await ReasonAsync(At(proxy, kind, user, password));
        Assert.Contains(says, reason, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_proxy_that_is_none_or_not_there_is_said()
    {
        int free = Ports.Free();
        string reason = await ReasonAsync(new MqttProxy { Kind = MqttProxyKind.Socks5, Host = "127.0.0.1", Port = free });
        Assert.EndsWith($"proxy socks5://127.0.0.1:{free}: connection refused; is the proxy running there?", reason, StringComparison.Ordinal);

        foreach ((MqttProxyKind kind, string answer, string says) in ((MqttProxyKind, string, string)[])[
            (MqttProxyKind.Socks5, "HTTP/1.1 400 Bad\r\n\r\n", "it does not answer in SOCKS 5"),
            (MqttProxyKind.Socks5, "", "it closed the connection; is it a SOCKS 5 proxy?"),
            (MqttProxyKind.Http, "\u0005\u0000 no HTTP", "it does not answer in HTTP"),
            (MqttProxyKind.Http, "HTTP/1.1 200 OK\r\nA: " + new string('x', 20_000), "its answer is longer than 16 KB"),
            (MqttProxyKind.Http, "", "it closed the connection without an answer")])
        {
            await using var server = new RawServer(IPAddress.Loopback);
            Task<string> told = ReasonAsync(new MqttProxy { Kind = kind, Host = "127.0.0.1", Port = server.Port });
            Stream stream = await server.AcceptAsync();
            byte[] request = new byte[512];
            await stream.ReadAtLeastAsync(request, 3, cancellationToken: TestContext.Current.CancellationToken).AsTask().Guarded();
            await RawServer.WriteAsync(stream, answer);
            if (answer.Length == 0)
                await stream.DisposeAsync();
            Assert.Contains(says, await told, StringComparison.Ordinal);
        }
    }

    private async Task<string> ReasonAsync(MqttProxy proxy)
    {
        RecordingHandler handler = new();
        MqttClient client = Start(OptionsFor(1883) with { Host = "localhost", Proxy = proxy, ReconnectDelay = Deadline, ReconnectDelayMax = Deadline }, handler: handler);
        MqttEvent.Lost lost = await handler.EventAsync<MqttEvent.Lost>();
        Assert.DoesNotContain('\n', lost.Reason);
        Assert.StartsWith("mqtt://localhost:1883: proxy ", lost.Reason, StringComparison.Ordinal);
        await client.DisposeAsync();
        return lost.Reason;
    }
}
