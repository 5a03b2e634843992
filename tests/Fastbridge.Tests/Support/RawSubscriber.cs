namespace Fastbridge.Tests.Support;

/// <summary>The control beside the bridge: a bare subscriber that acknowledges at once and keeps what came, in order.</summary>
public sealed class RawSubscriber : IAsyncDisposable
{
    private readonly RawMqtt _link;
    private readonly LineLog _received = new("subscriber");
    private readonly Task _reading;
    private readonly CancellationTokenSource _end = new();

    private RawSubscriber(RawMqtt link)
    {
        _link = link;
        _reading = Task.Run(ReadAsync);
    }

    /// <summary><c>topic payload</c>, the payload up to its padding.</summary>
    public LineLog Received => _received;

    public static async Task<RawSubscriber> StartAsync(int port, string filter, int qos, string clientId = "control")
    {
        RawMqtt link = await RawMqtt.ConnectAsync(port, clientId, cleanSession: true);
        await link.SubscribeAsync(filter, qos);
        return new RawSubscriber(link);
    }

    /// <summary>Waits until so many messages have come.</summary>
    public Task WaitForAsync(int count) => _received.WaitForAsync(_ => _received.Count >= count, $"(message {count})", from: count - 1);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _reading.ContinueWith(_ => { }, TaskScheduler.Default).Guarded();
        _link.Dispose();
        _end.Dispose();
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                RawPacket packet = await _link.ReadAsync(_end.Token);
                switch (packet.Type)
                {
                    case 3:
                        (string topic, byte[] payload, ushort id) = packet.Publish();
                        int qos = packet.Qos;
                        _received.Add($"{topic} {System.Text.Encoding.UTF8.GetString(payload).TrimEnd()}");
                        if (qos > 0) await AckAsync(qos == 1 ? (byte)0x40 : (byte)0x50, id);
                        break;
                    case 6:
                        await AckAsync(0x70, packet.Id);
                        break;
                }
            }
        }
        finally
        {
            _received.End();
        }
    }

    private Task AckAsync(byte header, ushort id) => _link.SendAsync(new byte[] { header, 2, (byte)(id >> 8), (byte)id }, _end.Token);
}
