using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Fastbridge.Mqtt.Protocol;

namespace Fastbridge.Tests.Support;

/// <summary>
/// An MQTT server in the test's process, on a port of its own: the test plays the server's part packet by packet, and may break every rule. Waits have a
/// hang guard and no other time limit.
/// </summary>
internal sealed class ScriptedBroker : IAsyncDisposable
{
    public static readonly TimeSpan HangGuard = TestTools.Guard;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<ScriptedLink> _links = [];
    private readonly X509Certificate2? _certificate;

    public ScriptedBroker(MqttVersion version = MqttVersion.V5, X509Certificate2? certificate = null)
    {
        Version = version;
        _certificate = certificate;
        _listener.Start();
    }

    public MqttVersion Version { get; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The next connection, before anything was read from it.</summary>
    public async Task<ScriptedLink> AcceptRawAsync()
    {
        Socket socket = await _listener.AcceptSocketAsync().WaitAsync(HangGuard);
        socket.NoDelay = true;
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        if (_certificate is not null)
        {
            SslStream tls = new(stream);
            try
            {
                // Offline: this end looks for nothing that its certificate names.
                SslServerAuthenticationOptions options = new() { ServerCertificateContext = SslStreamCertificateContext.Create(_certificate, null, offline: true) };
                await tls.AuthenticateAsServerAsync(options).WaitAsync(HangGuard);
            }
            catch
            {
                await tls.DisposeAsync();
                throw;
            }

            stream = tls;
        }

        ScriptedLink link = new(stream, socket, Version);
        _links.Add(link);
        return link;
    }

    /// <summary>The next connection, its CONNECT read and answered.</summary>
    public async Task<ScriptedLink> AcceptAsync(bool sessionPresent = false, params byte[][] properties)
    {
        ScriptedLink link = await AcceptRawAsync();
        link.Connect = ServerCodec.DecodeConnect(await link.ReadAsync());
        await link.SendAsync(ServerPackets.ConnAck(Version, 0, sessionPresent, properties));
        return link;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        foreach (ScriptedLink link in _links)
            await link.DisposeAsync();
    }
}

internal static class HangGuards
{
    /// <summary>Waits, but not for ever: a test that hangs fails instead.</summary>
    public static Task<T> Guarded<T>(this Task<T> task) => task.WaitAsync(ScriptedBroker.HangGuard);

    public static Task Guarded(this Task task) => task.WaitAsync(ScriptedBroker.HangGuard);
}

/// <summary>One connection of a <see cref="ScriptedBroker"/>.</summary>
internal sealed class ScriptedLink(Stream stream, Socket socket, MqttVersion version) : IAsyncDisposable
{
    public ClientConnect Connect { get; set; } = null!;

    /// <summary>The next packet; fails at the end of the stream.</summary>
    public async Task<ClientPacket> ReadAsync() =>
        await ServerCodec.ReadAsync(stream).WaitAsync(ScriptedBroker.HangGuard) ?? throw new EndOfStreamException("the client closed");

    /// <summary>The next packet, which must be of that type; PINGREQs between are answered.</summary>
    public async Task<ClientPacket> ReadAsync(PacketType type)
    {
        while (true)
        {
            ClientPacket packet = await ReadAsync();
            if (packet.Type == PacketType.PingReq && type != PacketType.PingReq)
            {
                await SendAsync(ServerPackets.PingResp());
                continue;
            }

            return packet.Type == type ? packet : throw new InvalidOperationException($"{type} wanted, got {packet}");
        }
    }

    /// <summary>Reads the next acks: their types and identifiers.</summary>
    public async Task<(PacketType Type, ushort Id)[]> ReadAcksAsync(int count)
    {
        var acks = new (PacketType, ushort)[count];
        for (int i = 0; i < count; i++)
        {
            ClientAck ack = ServerCodec.DecodeAck(await ReadAsync());
            acks[i] = (ack.Type, ack.PacketId);
        }

        return acks;
    }

    /// <summary>Reads a SUBSCRIBE and grants what it asks for.</summary>
    public async Task<ClientSubscribe> GrantAsync()
    {
        ClientSubscribe subscribe = ServerCodec.DecodeSubscribe(await ReadAsync(PacketType.Subscribe), version);
        await SendAsync(ServerPackets.SubAck(version, subscribe.PacketId, [.. subscribe.Filters.Select(f => (byte)(f.Options & 3))]));
        return subscribe;
    }

    public async Task SendAsync(params byte[][] packets)
    {
        foreach (byte[] packet in packets)
            await stream.WriteAsync(packet).AsTask().WaitAsync(ScriptedBroker.HangGuard);
    }

    /// <summary>Reads so many bytes, whatever they are; fails at the end of the stream.</summary>
    public async Task ReadBytesAsync(long count)
    {
        byte[] bytes = new byte[65_536];
        while (count > 0)
        {
            int read = await stream.ReadAsync(bytes.AsMemory(0, (int)Math.Min(count, bytes.Length))).AsTask().WaitAsync(ScriptedBroker.HangGuard);
            count -= read > 0 ? read : throw new EndOfStreamException("the client closed");
        }
    }

    /// <summary>Reads to the end; true when it came without a reset.</summary>
    public async Task<bool> ReadToEndAsync()
    {
        byte[] bytes = new byte[4_096];
        try
        {
            while (await stream.ReadAsync(bytes).AsTask().WaitAsync(ScriptedBroker.HangGuard) > 0)
            {
            }

            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Cuts the connection with a reset.</summary>
    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await stream.DisposeAsync();
        }
        catch (IOException)
        {
            // The client is gone.
        }

        socket.Dispose();
    }
}
