using System.Threading.Tasks.Sources;

namespace Fastbridge.Core.Delivery;

/// <summary>
/// Wakes the one reader that waits for room. A signal without a waiter is kept, so none is lost between asking and waiting; a wait may end
/// without cause. Allocates nothing a wait, and never runs the reader on the thread that signals.
/// </summary>
internal sealed class RoomSignal : IValueTaskSource
{
    private readonly Lock _lock = new();
    private ManualResetValueTaskSourceCore<bool> _core = new() { RunContinuationsAsynchronously = true };
    private CancellationTokenRegistration _cancellation;
    private bool _waiting;
    private bool _set;

    /// <summary>Completes at the next <see cref="Set"/>, or when <paramref name="cancellation"/> fires (without throwing: the caller looks at its token).</summary>
    public ValueTask WaitAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_set)
            {
                _set = false;
                return ValueTask.CompletedTask;
            }

            _core.Reset();
            _waiting = true;
        }

        short version = _core.Version;
        _cancellation = cancellation.UnsafeRegister(static self => ((RoomSignal)self!).Set(), this);
        return new ValueTask(this, version);
    }

    /// <summary>Any thread.</summary>
    public void Set()
    {
        lock (_lock)
        {
            if (!_waiting)
            {
                _set = true;
                return;
            }

            _waiting = false;
        }

        _core.SetResult(true);
    }

    void IValueTaskSource.GetResult(short token)
    {
        _core.GetResult(token);
        _cancellation.Dispose();
        _cancellation = default;
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
