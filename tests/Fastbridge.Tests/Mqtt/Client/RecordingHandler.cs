using System.Collections.Concurrent;
using System.Text;
using System.Threading.Channels;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Codec.Packets;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Mqtt.Client;

internal sealed record ReceivedMessage(string Topic, byte[] Payload, QoS QoS, bool Retain, bool Dup, ushort PacketId, Receipt Receipt, long OversizedBy = -1)
{
    public string Text => Encoding.UTF8.GetString(Payload);
}

/// <summary>A handler that keeps what it is given. Takes everything unless <see cref="Decide"/> says otherwise, and acknowledges nothing by itself.</summary>
internal sealed class RecordingHandler : IMqttHandler
{
    private readonly Channel<ReceivedMessage> _messages = Channel.CreateUnbounded<ReceivedMessage>();
    private readonly Channel<MqttEvent> _events = Channel.CreateUnbounded<MqttEvent>();
    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Func<ReceivedMessage, PublishOutcome> Decide { get; set; } = _ => PublishOutcome.Taken;

    public ConcurrentQueue<MqttConnected> Connections { get; } = new();

    public int Offered { get; private set; }

    /// <summary>Ends of reads, each with how many messages had been offered by then.</summary>
    public List<int> BatchEnds { get; } = [];

    public PublishOutcome OnPublish(in PublishPacket publish, Receipt receipt) => Keep(publish, receipt, -1);

    public PublishOutcome OnOversizedPublish(in PublishPacket publishWithoutPayload, long payloadBytes, Receipt receipt) =>
        Keep(publishWithoutPayload, receipt, payloadBytes);

    public async ValueTask WaitForRoomAsync(CancellationToken cancellation)
    {
        await _room.Task.WaitAsync(cancellation);
        _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void OnBatchEnd() => BatchEnds.Add(Offered);

    public void OnConnected(in MqttConnected connected) => Connections.Enqueue(connected);

    public void OnEvent(MqttEvent what) => _events.Writer.TryWrite(what);

    public void MakeRoom() => _room.TrySetResult();

    public async Task<ReceivedMessage> MessageAsync() => await _messages.Reader.ReadAsync().AsTask().WaitAsync(ScriptedBroker.HangGuard);

    public async Task<ReceivedMessage[]> MessagesAsync(int count)
    {
        var all = new ReceivedMessage[count];
        for (int i = 0; i < count; i++)
            all[i] = await MessageAsync();
        return all;
    }

    public bool HasMessage => _messages.Reader.TryPeek(out _);

    /// <summary>Completes when so many messages were offered, taken or not.</summary>
    public async Task OfferedAsync(int count)
    {
        using CancellationTokenSource guard = new(ScriptedBroker.HangGuard);
        while (Offered < count)
            await Task.Delay(1, guard.Token);
    }

    /// <summary>The next event of that type; others are passed over.</summary>
    public async Task<T> EventAsync<T>()
        where T : MqttEvent
    {
        using CancellationTokenSource guard = new(ScriptedBroker.HangGuard);
        List<MqttEvent> others = [];
        try
        {
            while (true)
            {
                MqttEvent next = await _events.Reader.ReadAsync(guard.Token);
                if (next is T wanted)
                    return wanted;
                others.Add(next);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"no {typeof(T).Name}; the last events: {string.Join("; ", others.TakeLast(5))}");
        }
    }

    private PublishOutcome Keep(in PublishPacket publish, Receipt receipt, long oversizedBy)
    {
        Offered++;
        ReceivedMessage message = new(
            Encoding.UTF8.GetString(publish.Topic), publish.Payload.ToArray(), publish.QoS, publish.Retain, publish.Dup, publish.PacketId, receipt, oversizedBy);
        PublishOutcome outcome = Decide(message);
        if (outcome == PublishOutcome.Taken)
            _messages.Writer.TryWrite(message);
        return outcome;
    }
}
