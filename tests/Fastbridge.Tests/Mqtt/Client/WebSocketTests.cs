using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

/// <summary>MQTT over WebSocket: real mosquitto, .NET's own server side, and handshakes and frames that no good server gives.</summary>
public class WebSocketTests : ClientTest
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static string Accept(string head)
    {
        string key = head.Split("\r\n").Single(l => l.StartsWith("Sec-WebSocket-Key: ", StringComparison.Ordinal))["Sec-WebSocket-Key: ".Length..];
#pragma warning disable CA5350 // as the protocol says
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    private static string Good(string head) =>
        $"HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: {Accept(head)}\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";

    private static async Task<Stream> OpenAsync(RawServer server)
    {
        Stream stream = await server.AcceptAsync();
        await RawServer.WriteAsync(stream, Good(await RawServer.ReadHeadAsync(stream)));
        return stream;
    }

    private static byte[] Frame(byte first, byte[] payload) => payload.Length < 126
        ? [first, (byte)payload.Length, .. payload]
        : [first, 126, (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task mosquitto_is_spoken_to_with_and_without_tls(bool tls)
    {
        using Certificates certificates = new();
        int port = Ports.Free();
        string secure = tls ? $"\ncafile {certificates.CaFile}\ncertfile {certificates.ServerCertFile}\nkeyfile {certificates.ServerKeyFile}" : "";
        await using Mosquitto broker = await Mosquitto.StartAsync(MosquittoOptions.Keeping with { Extra = $"listener {port} 127.0.0.1\nprotocol websockets{secure}" });
        MqttClientOptions options = OptionsFor(port) with
        {
            Host = "localhost",
            WebSocketPath = "/mqtt",
            Tls = tls ? new MqttTlsOptions { CaFile = certificates.CaFile } : null,
            Subscriptions = [new MqttSubscription("t/#", QoS.ExactlyOnce)],
        };
        MqttClient client = Start(options);
        Assert.Equal($"{(tls ? "wss" : "ws")}://localhost:{port}/mqtt", (await Handler.EventAsync<MqttEvent.Connected>()).Server);
        await Handler.EventAsync<MqttEvent.Subscribed>();

        // Small ones in heaps, then one that takes many frames.
        const int count = 500;
        byte[] large = RandomNumberGenerator.GetBytes(700_000);
        List<Task<PublishResult>> published = [.. Enumerable.Range(0, count).Select(i => client.PublishAsync(new OutgoingPublish("t/s", BitConverter.GetBytes(i)) { QoS = (QoS)(1 + (i % 2)) }, Cancelled).AsTask())];
        published.Add(client.PublishAsync(new OutgoingPublish("t/l", large) { QoS = QoS.AtLeastOnce }, Cancelled).AsTask());
        var got = new HashSet<int>();
        byte[]? back = null;
        for (int i = 0; i <= count; i++)
        {
            ReceivedMessage message = await Handler.MessageAsync();
            client.Acknowledge(message.Receipt);
            if (message.Topic == "t/l")
                back = message.Payload;
            else
                Assert.True(got.Add(BitConverter.ToInt32(message.Payload)));
        }

        Assert.Equal((count, true), (got.Count, back.AsSpan().SequenceEqual(large)));
        Assert.All(await Task.WhenAll(published).Guarded(), r => Assert.True(r.IsSuccess));
        await client.DisconnectAsync(Deadline).Guarded();

        RecordingHandler again = new();
        MqttClient second = Start(options, handler: again);
        Assert.True((await again.EventAsync<MqttEvent.Connected>()).SessionPresent);
        await second.DisconnectAsync(Deadline).Guarded();
    }

    [Fact]
    public async Task packets_lie_across_frames_and_pings_and_the_close_are_answered()
    {
        await using var server = new RawServer();
        MqttClient client = Start(OptionsFor(server.Port) with { WebSocketPath = "/a/b?sig=x%2F", WebSocketHeaders = [new("Authorization", "Bearer t"), new("X-More", "1")] });
        Stream stream = await server.AcceptAsync();
        string head = await RawServer.ReadHeadAsync(stream);
        Assert.StartsWith($"GET /a/b?sig=x%2F HTTP/1.1\r\nHost: 127.0.0.1:{server.Port}\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nSec-WebSocket-Protocol: mqtt\r\n", head, StringComparison.Ordinal);
        Assert.Contains("\r\nAuthorization: Bearer t\r\nX-More: 1\r\n\r\n", head, StringComparison.Ordinal);

        // The answer and the first frames in one piece: nothing of them may be lost. Two packets, cut anywhere, with a ping and an empty frame between.
        byte[] connAck = ServerPackets.ConnAck(MqttVersion.V5);
        byte[] publish = ServerPackets.Publish(MqttVersion.V5, "t", new byte[300], 1, 9);
        byte[] bytes = [.. connAck, .. publish];
        byte[] frames = [.. Frame(0x02, bytes[..1]), .. Frame(0x89, "ping"u8.ToArray()), .. Frame(0x00, []), .. Frame(0x80, bytes[1..40]), .. Frame(0x8A, []), .. Frame(0x82, bytes[40..])];
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(Good(head)), .. frames], Cancelled);
        ReceivedMessage message = await Handler.MessageAsync();
        Assert.Equal(300, message.Payload.Length);
        client.Acknowledge(message.Receipt);

        // Read by another implementation: masks, frames, the pong and the close must be as the standard says.
        using WebSocket other = WebSocket.CreateFromStream(stream, isServer: true, "mqtt", Timeout.InfiniteTimeSpan);
        var all = new List<byte>();
        byte[] buffer = new byte[4_096];
        while (!all.TakeLast(4).SequenceEqual((byte[])[0x40, 2, 0, 9]))
        {
            WebSocketReceiveResult read = await other.ReceiveAsync(buffer, Cancelled).Guarded();
            Assert.Equal(WebSocketMessageType.Binary, read.MessageType);
            all.AddRange(buffer.AsSpan(0, read.Count));
        }

        Assert.Equal(0x10, all[0]);
        Task closing = client.DisconnectAsync(Deadline);
        WebSocketReceiveResult last;
        do
            last = await other.ReceiveAsync(buffer, Cancelled).Guarded();
        while (last.MessageType == WebSocketMessageType.Binary);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, last.CloseStatus);
        await other.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);
        await stream.DisposeAsync();
        await closing.Guarded();
    }

    [Theory]
    [InlineData("HTTP/1.1 401 Unauthorized\r\n\r\n", "it asks for credentials (401 Unauthorized); give them in mqtt.headers, as Authorization")]
    [InlineData("HTTP/1.1 403 No\r\n\r\n", "it forbids the connection (403 No)")]
    [InlineData("HTTP/1.1 404 Not Found\r\n\r\n", "no MQTT at the path /mqtt (404 Not Found); check the path in mqtt.server")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: https://h/x?token=hunter2\r\n\r\n", "it redirects (302 Found) to https://h/x; write the address")]
    [InlineData("HTTP/1.1 503 Busy\r\n\r\n", "it is not ready (503 Busy)")]
    [InlineData("HTTP/1.0 101 X\r\n\r\n", "it answers in HTTP/1.0, which knows no WebSocket")]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: websocket\r\n\r\n", "does not switch to WebSocket")]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: d3Jvbmc=\r\n\r\n", "its answer does not fit our key")]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\n\r\n", "it does not choose the sub-protocol mqtt [MQTT-6.0.0-4]")]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Protocol: chat\r\n\r\n", "it chooses the sub-protocol chat, not mqtt")]
    [InlineData("HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ACCEPT\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n", "it uses an extension that was not asked for")]
    [InlineData("HTTP/1.1 abc\r\n\r\n", "it does not answer in HTTP")]
    [InlineData(" \u0002\u0000\u0000", "it does not answer in HTTP")]
    [InlineData("HTTP/1.1 200 OK\r\nA: GIANT", "its answer is longer than 16 KB")]
    [InlineData("HTTP/1.1 101 X\r\nUpgr", "it closed the connection inside its answer")]
    [InlineData("", "it closed the connection without an answer")]
    public async Task a_bad_handshake_is_one_line(string answer, string says)
    {
        await using var server = new RawServer();
        Start(OptionsFor(server.Port) with { WebSocketPath = "/mqtt?sig=hunter2", WebSocketHeaders = [new("Authorization", "hunter2")], ReconnectDelay = Deadline, ReconnectDelayMax = Deadline });
        Stream stream = await server.AcceptAsync();
        string head = await RawServer.ReadHeadAsync(stream);
        await RawServer.WriteAsync(stream, answer.Replace("ACCEPT", Accept(head), StringComparison.Ordinal).Replace("GIANT", new string('x', 20_000), StringComparison.Ordinal));
        if (!answer.Contains("GIANT", StringComparison.Ordinal))
            await stream.DisposeAsync();
        string reason = (await Handler.EventAsync<MqttEvent.Lost>()).Reason;
        Assert.StartsWith($"ws://127.0.0.1:{server.Port}/mqtt: WebSocket: ", reason, StringComparison.Ordinal);
        Assert.Contains(says, reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reason);
        Assert.DoesNotContain("hunter2", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0x81, 0 }, "a text frame, where MQTT comes in binary ones [MQTT-6.0.0-1]")]
    [InlineData(new byte[] { 0xC2, 0 }, "a reserved bit is set")]
    [InlineData(new byte[] { 0x83, 0 }, "a frame of the unknown kind 3")]
    [InlineData(new byte[] { 0x82, 0x80, 0, 0, 0, 0 }, "a masked frame")]
    [InlineData(new byte[] { 0x80, 0 }, "a continuation of nothing")]
    [InlineData(new byte[] { 0x02, 1, 0x20, 0x82, 0 }, "a new message inside another")]
    [InlineData(new byte[] { 0x09, 0 }, "a control frame is in parts")]
    [InlineData(new byte[] { 0x89, 126, 0, 200 }, "a control frame is in parts, or longer")]
    [InlineData(new byte[] { 0x82, 127, 0xFF, 0, 0, 0, 0, 0, 0, 0 }, "a frame's length is out of range")]
    [InlineData(new byte[] { 0x88, 7, 0x03, 0xF0, (byte)'n', (byte)'o', 10, (byte)'w', (byte)'!' }, "closed the WebSocket with 1008 (policy) (it says: no?w!)")]
    [InlineData(new byte[] { 0x88, 0 }, "the server closed the connection before CONNACK")]
    public async Task a_bad_frame_or_a_close_is_said(byte[] frame, string says)
    {
        await using var server = new RawServer();
        Start(OptionsFor(server.Port) with { WebSocketPath = "/mqtt", ReconnectDelay = Deadline, ReconnectDelayMax = Deadline });
        Stream stream = await OpenAsync(server);
        await stream.WriteAsync(frame, Cancelled);
        Assert.Contains(says, (await Handler.EventAsync<MqttEvent.Lost>()).Reason, StringComparison.Ordinal);
    }
}
