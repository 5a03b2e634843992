using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Fastbridge.Mqtt.Transport;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Transport;

/// <summary>The frames of a WebSocket as a stream, against .NET's own server side.</summary>
public class WebSocketFrameStreamTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task<(WebSocketFrameStream Client, WebSocket Server)> PairAsync()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Task<Socket> accepting = listener.AcceptSocketAsync(Cancelled).AsTask();
        await socket.ConnectAsync(listener.LocalEndpoint, Cancelled);
        var server = WebSocket.CreateFromStream(new NetworkStream(await accepting, ownsSocket: true), isServer: true, null, Timeout.InfiniteTimeSpan);
        return (new WebSocketFrameStream(new NetworkStream(socket, ownsSocket: true)), server);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task bytes_in_frames_of_any_length_are_read_whole_into_buffers_of_any_length(int seed)
    {
        var random = new Random(seed);
        byte[] sent = new byte[2_000_000];
        random.NextBytes(sent);
        (WebSocketFrameStream client, WebSocket server) = await PairAsync();
        await using WebSocketFrameStream owned = client;
        Task sending = Task.Run(async () =>
        {
            for (int at = 0; at < sent.Length;)
            {
                int count = Math.Min(random.Next(4) switch { 0 => random.Next(126), 1 => random.Next(3_000), 2 => random.Next(200_000), _ => 1 }, sent.Length - at);
                await server.SendAsync(sent.AsMemory(at, count), WebSocketMessageType.Binary, endOfMessage: random.Next(2) == 0 || at + count == sent.Length, Cancelled);
                at += count;
            }

            await server.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, Cancelled);
        }, Cancelled);
        var read = new List<byte>();
        byte[] buffer = new byte[100_000];
        var sizes = new Random(seed + 100);
        int got;
        do
        {
            Assert.Equal(0, await client.ReadAsync(Memory<byte>.Empty, Cancelled).AsTask().Guarded());
            got = await client.ReadAsync(buffer.AsMemory(0, 1 + sizes.Next(buffer.Length)), Cancelled).AsTask().Guarded();
            read.AddRange(buffer.AsSpan(0, got));
        }
        while (got > 0);
        await sending.Guarded();
        Assert.True(read.ToArray().AsSpan().SequenceEqual(sent));
        server.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(300_001)]
    public async Task what_is_written_is_what_another_implementation_reads(int length)
    {
        byte[] sent = new byte[length];
        new Random(7).NextBytes(sent);
        (WebSocketFrameStream client, WebSocket server) = await PairAsync();
        await using WebSocketFrameStream owned = client;
        byte[] copy = [.. sent];
        Task writing = Task.Run(async () =>
        {
            await client.WriteAsync(sent, Cancelled);
            await client.ShutdownAsync();
        }, Cancelled);
        var read = new List<byte>();
        byte[] buffer = new byte[10_000];
        while (true)
        {
            WebSocketReceiveResult result = await server.ReceiveAsync(buffer, Cancelled).Guarded();
            if (result.MessageType == WebSocketMessageType.Close)
                break;
            read.AddRange(buffer.AsSpan(0, result.Count));
        }

        await writing.Guarded();
        Assert.True(read.ToArray().AsSpan().SequenceEqual(copy));
        Assert.True(sent.AsSpan().SequenceEqual(copy), "the caller's bytes were changed");
        server.Dispose();
    }
}
