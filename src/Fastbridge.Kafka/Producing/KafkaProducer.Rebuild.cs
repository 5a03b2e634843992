using System.Diagnostics;
using Fastbridge.Core.Delivery;

namespace Fastbridge.Kafka.Producing;

/// <content>The end of a librdkafka producer: after a fatal error, for another in its place; or for good.</content>
internal sealed partial class KafkaProducer
{
    private const int FirstBackoffMs = 100;
    private const int LongestBackoffMs = 30_000;

    // A producer that lived so long was well: the next fatal error starts with a short wait again.
    private static readonly TimeSpan StableAfter = TimeSpan.FromMinutes(1);

    // socket.timeout.ms: a request that has no answer by then is given up by librdkafka as well.
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(60);

    // Stopping drops what is queued; only a report that is already on its way is worth a moment.
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(5);

    private int _backoffMs;
    private long _builtAt = Stopwatch.GetTimestamp();

    private void Rebuild()
    {
        string reason = _fatal!;
        _fatal = null;
        KafkaLog.Fatal(_logger, Settings.BootstrapServers, Settings.Scrubber.Clean(reason));
        NativeProducer old = TakeAway();
        if (_state.OnFatal(reason))
            TellState(log: false);

        // What was queued is reported as purged, what a broker may have is waited for: produced again too early it would stand twice.
        Drain(old, LongestAnswer);
        Discard(old);
        _backoffMs = Stopwatch.GetElapsedTime(_builtAt) > StableAfter ? FirstBackoffMs : Math.Clamp(_backoffMs * 2, FirstBackoffMs, LongestBackoffMs);
        NativeProducer? built = null;
        while (built is null && !_stop.Task.Wait(_backoffMs))
        {
            Heart.Beat();
            try
            {
                built = NativeProducer.Create(Settings);
            }
            catch (SinkConfigurationException e)
            {
                // It was accepted once: a file that is gone meanwhile, say. It may come back.
                KafkaLog.RebuildFailed(_logger, e.Message, _backoffMs);
                if (_state.OnFatal(e.Message))
                    TellState(log: false);
                _backoffMs = Math.Min(_backoffMs * 2, LongestBackoffMs);
            }
        }

        if (built is null)
            return;

        _builtAt = Stopwatch.GetTimestamp();
        _probing = _asking = false;
        Rebuilds++;
        KafkaLog.Rebuilt(_logger, Settings.BootstrapServers);
        lock (_queueLock)
            Volatile.Write(ref _native, built);

        // A share that saw none asks for room before it looks again (TryProduce): it sees this one, or is told here.
        Interlocked.MemoryBarrier();
        OfferRoom(all: true);
    }

    private void End()
    {
        if (Native is null)
            return;

        NativeProducer old = TakeAway();
        old.Purge(inFlight: true);
        Drain(old, StopDeadline);
        Discard(old);
        KafkaLog.ProducerEnded(_logger, Settings.BootstrapServers);
    }

    /// <summary>Nobody produces any more when this returns.</summary>
    private NativeProducer TakeAway()
    {
        NativeProducer old = _native!;
        lock (_queueLock)
            Volatile.Write(ref _native, null);

        // The heavy half of a fence whose light half is TryProduce's two plain writes: from here on every share either is seen to be
        // busy, or sees that there is no producer.
        Interlocked.MemoryBarrierProcessWide();
        foreach (KafkaRecordSink? share in Snapshot())
        {
            var spin = new SpinWait();
            while (share is { IsBusy: true })
                spin.SpinOnce();
        }

        return old;
    }

    /// <summary>Tells reports until the last is in. Only a producer that is being stopped gives up, after a deadline.</summary>
    private void Drain(NativeProducer old, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        while (Outstanding > 0)
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (_stop.Task.IsCompleted && elapsed > patience + StopDeadline)
                break;

            // Again and again: a request that failed meanwhile puts its messages back into the queue.
            old.Purge(inFlight: elapsed > patience || _stop.Task.IsCompleted);
            ServeBatch(old, timeoutMs: 250, offerRoom: false);
        }
    }

    /// <summary>Ends librdkafka's threads.</summary>
    private void Discard(NativeProducer old)
    {
        _fatal = null;
        _probing = _asking = false;
        Spent.Free();
        old.Destroy();
    }
}
