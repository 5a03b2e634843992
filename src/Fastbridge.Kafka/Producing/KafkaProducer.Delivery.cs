using Fastbridge.Core.Delivery;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Security;

namespace Fastbridge.Kafka.Producing;

/// <content>The delivery thread: what librdkafka tells, told on.</content>
internal sealed partial class KafkaProducer
{
    // Nothing waits for this: it bounds only how long a lost wake-up could go unnoticed.
    private const int IdleMs = 60_000;

    // While Kafka is away, how soon after a question without an answer the next is asked.
    private const int ProbePauseMs = 3_000;
    private const int ProbeTimeoutMs = 30_000;

    // Events told before the acknowledgements they allow are flushed: more would delay the first, fewer would flush small packets.
    private const int EventsPerBatch = 32;

    // Fewer are destroyed at once: it is not worth a hand-over, and a connector that falls silent leaves nothing lying.
    private const int ManyReports = 64;

    // 8 MiB, half a window: the windows of the connectors have forgotten these records, so beyond it they are destroyed at once.
    private const long MostLeft = 8 << 20;

    // How long the last ones of a connector that falls silent may lie.
    private const int SpentMs = 100;

    private readonly List<nint> _told = [];
    private volatile bool _newcomers;
    private string? _fatal;
    private bool _probing;
    private bool _delivered;

    // The queue is destroyed by the delivery thread under this lock, so that Wake never touches a dead one.
    private readonly Lock _queueLock = new();

    private void Wake()
    {
        lock (_queueLock)
        {
            if (Native is { } native)
                LibRdKafka.rd_kafka_queue_yield(native.Queue);
        }
    }

    private void Run()
    {
        try
        {
            while (!_stop.Task.IsCompleted)
            {
                NativeProducer native = Native!;
                bool faulty = _state.Fault is not null;
                ServeBatch(native, faulty && !_probing ? ProbePauseMs : AskWaitMs);
                if (_fatal is not null)
                {
                    Rebuild();
                    continue;
                }

                if (faulty && !_probing && _state.Fault is not null)
                    Probe(native);
                AskWhenDue(native);
            }

            End();
            _ended.SetResult();
        }
        catch (Exception e)
        {
            KafkaLog.DeliveryThreadFailed(_logger, e);
            Heart.Fail(e);
            _ended.SetException(e);
        }
    }

    /// <summary>Waits for an event, takes what else is there, and ends the batch.</summary>
    private void ServeBatch(NativeProducer native, int timeoutMs, bool offerRoom = true)
    {
        Heart.Rest();
        nint @event = LibRdKafka.rd_kafka_queue_poll(native.Queue, Spent.Any ? Math.Min(timeoutMs, SpentMs) : timeoutMs);
        Heart.Beat();
        for (int events = 1; @event != 0; events++)
        {
            Serve(native, @event);
            _told.Add(@event);
            @event = events < EventsPerBatch ? LibRdKafka.rd_kafka_queue_poll(native.Queue, 0) : 0;
        }

        _dispatcher.End();
        Spent.Free(); // Nobody has produced since the last batch.
        Spent.Take(_told, leave: _dispatcher.LastBatch is { Reports: >= ManyReports, Bytes: <= MostLeft });
        if (_delivered)
        {
            _delivered = false;
            if (_state.OnDelivered())
                TellState();
        }

        if (_newcomers)
            TellNewcomers();
        if (offerRoom)
            OfferRoom(all: false);
    }

    private void Serve(NativeProducer native, nint @event)
    {
        switch (LibRdKafka.rd_kafka_event_type(@event))
        {
            case LibRdKafka.EventDeliveryReport:
                _delivered |= _dispatcher.Dispatch(@event);
                break;
            case LibRdKafka.EventError:
                ServeError(native, @event);
                break;
            case LibRdKafka.EventLog:
                ServeLog(@event);
                break;
            case LibRdKafka.EventTokenRefresh:
                native.FetchToken(_tokenTrouble);
                break;
            case LibRdKafka.EventDescribeTopics:
                ServeTopics(@event);
                break;
            case LibRdKafka.EventDescribeCluster:
                _probing = false;
                if (LibRdKafka.rd_kafka_event_error(@event) == 0 && _state.OnBrokerAnswered())
                    TellState();
                break;
        }
    }

    private unsafe void ServeError(NativeProducer native, nint @event)
    {
        int error = LibRdKafka.rd_kafka_event_error(@event);
        string text = LibRdKafka.Text(LibRdKafka.rd_kafka_event_error_string(@event));

        // The event of a fatal error carries the code of its cause, so the producer is asked.
        if (LibRdKafka.rd_kafka_fatal_error(native.Handle, null, 0) != 0)
            _fatal ??= text;
        else if (_state.OnError(error, text))
            TellState();
    }

    private unsafe void ServeLog(nint @event)
    {
        byte* facility;
        byte* text;
        int level;
        if (LibRdKafka.rd_kafka_event_log(@event, &facility, &text, &level) != 0)
            return;

        string name = LibRdKafka.Text(facility);
        string line = Settings.Scrubber.Clean(LibRdKafka.Text(text));
        if (name == CertificateCheck.Facility && _state.OnCertificate(line))
            TellState();
        else if (name == "FAIL" && level > 3 && _state.OnEnded(WithoutThread(line)))
            TellState();

        // FAIL, ERROR and those of TLS come once for every attempt and broker; what matters of them is told as a state. Warnings (level 4) are of things
        // that librdkafka mends by itself: a coordinator that is loading, a leader that moves.
        if (level <= 3 && name is not ("FAIL" or "ERROR" or "FATAL" or "SSL" or CertificateCheck.Facility))
            KafkaLog.LibraryWarning(_logger, name, line);
        else
            KafkaLog.LibraryLine(_logger, name, line);
    }

    // "[thrd:plaintext://host:9092/bootstrap]: plaintext://host:9092/bootstrap: Disconnected …"
    private static string WithoutThread(string line)
    {
        int end = line.StartsWith("[thrd:", StringComparison.Ordinal) ? line.IndexOf("]: ", StringComparison.Ordinal) : -1;
        return end < 0 ? line : line[(end + 3)..];
    }

    /// <summary>Asks any broker anything, so that a fault is seen to be over even while no record is on its way.</summary>
    private unsafe void Probe(NativeProducer native)
    {
        nint options = LibRdKafka.rd_kafka_AdminOptions_new(native.Handle, LibRdKafka.AdminDescribeCluster);
        byte* error = stackalloc byte[256];
        _ = LibRdKafka.rd_kafka_AdminOptions_set_request_timeout(options, ProbeTimeoutMs, error, 256);
        LibRdKafka.rd_kafka_DescribeCluster(native.Handle, options, native.Queue);
        LibRdKafka.rd_kafka_AdminOptions_destroy(options);
        _probing = true;
    }

    private void TellState(bool log = true)
    {
        string? fault = _state.Fault;
        if (log && fault is null)
            KafkaLog.KafkaBack(_logger, Settings.BootstrapServers);
        else if (log)
            KafkaLog.KafkaFault(_logger, Settings.BootstrapServers, fault!);
        ForEachOpen(fault, static (listener, f) => listener.OnSinkState(f));
    }

    /// <summary>Shares that were opened during a fault hear of it.</summary>
    private void TellNewcomers()
    {
        _newcomers = false;
        Interlocked.MemoryBarrier();
        foreach (KafkaRecordSink? share in Snapshot())
        {
            if (share is { IsClosed: false, IsNewcomer: true })
            {
                share.IsNewcomer = false;
                if (_state.Fault is string fault)
                    Tell(share, fault, static (listener, f) => listener.OnSinkState(f));
            }
        }
    }

    private void OfferRoom(bool all)
    {
        if (!RoomWanted && !all)
            return;

        RoomWanted = false;
        Interlocked.MemoryBarrier();
        foreach (KafkaRecordSink? share in Snapshot())
        {
            if (share is { IsClosed: false } && (share.TakeWantsRoom() || all))
                Tell(share, (object?)null, static (listener, _) => listener.OnRoom());
        }
    }

    private void ForEachOpen<T>(T state, Action<IDeliveryListener, T> tell)
    {
        foreach (KafkaRecordSink? share in Snapshot())
        {
            if (share is { IsClosed: false })
            {
                share.IsNewcomer = false;
                Tell(share, state, tell);
            }
        }
    }

    private void Tell<T>(KafkaRecordSink share, T state, Action<IDeliveryListener, T> tell)
    {
        try
        {
            tell(share.Listener, state);
        }
        catch (Exception e)
        {
            KafkaLog.ListenerFailed(_logger, e);
        }
    }
}
