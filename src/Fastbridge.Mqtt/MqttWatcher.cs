using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Mqtt;

/// <summary>
/// The handler of a tool that connects once and looks at how that goes: CONNACK or the refusal, SUBACK, the end. It takes no message unless a derived
/// class does: what comes is left to the server. Its tasks may be awaited by any thread.
/// </summary>
public class MqttWatcher : IMqttHandler
{
    private readonly TaskCompletionSource<MqttEvent> _opened = New();
    private readonly TaskCompletionSource<MqttEvent> _subscribed = New();
    private readonly TaskCompletionSource<MqttEvent.Lost> _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _failed = [];

    /// <summary>The first <see cref="MqttEvent.Connected"/>, or the <see cref="MqttEvent.Lost"/> that came instead.</summary>
    public Task<MqttEvent> Opened => _opened.Task;

    /// <summary>The first <see cref="MqttEvent.Subscribed"/>, or the <see cref="MqttEvent.Lost"/> that came instead.</summary>
    public Task<MqttEvent> Subscribed => _subscribed.Task;

    /// <summary>The first loss of the connection, or what became of the first attempt: with several servers, of all of them.</summary>
    public Task<MqttEvent.Lost> Lost => _lost.Task;

    /// <inheritdoc/>
    public virtual PublishOutcome OnPublish(in PublishPacket publish, Receipt receipt) => PublishOutcome.Left;

    /// <inheritdoc/>
    public virtual PublishOutcome OnOversizedPublish(in PublishPacket publishWithoutPayload, long payloadBytes, Receipt receipt) => PublishOutcome.Left;

    /// <inheritdoc/>
    public virtual ValueTask WaitForRoomAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public void OnConnected(in MqttConnected connected)
    {
    }

    /// <inheritdoc/>
    public virtual void OnEvent(MqttEvent what)
    {
        switch (what)
        {
            case MqttEvent.Connected:
                _opened.TrySetResult(what);
                break;
            case MqttEvent.Subscribed:
                _subscribed.TrySetResult(what);
                break;
            case MqttEvent.Lost { RoundGoesOn: true } one:
                _failed.Add(one.Reason);
                break;
            case MqttEvent.Lost lost:
                if (_failed.Count > 0)
                    lost = lost with { Reason = string.Join("; then ", _failed.Append(lost.Reason)) };
                _failed.Clear();
                _opened.TrySetResult(lost);
                _subscribed.TrySetResult(lost);
                _lost.TrySetResult(lost);
                break;
        }
    }

    private static TaskCompletionSource<MqttEvent> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
