using Fastbridge.Core.Delivery;
using Fastbridge.Kafka.Interop;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Kafka.Producing;

/// <summary>
/// Deals delivery reports out to the shares they belong to: delivered slots in runs, failures one by one, and one end for each share and batch.
/// Used by the delivery thread only. Allocates nothing for what is delivered.
/// </summary>
internal sealed unsafe class ReportDispatcher(KafkaProducer producer, ILogger logger)
{
    // Pointers taken off an event at a time; also the longest run of slots told at once.
    private const int ChunkSize = 1024;

    private readonly nint[] _messages = new nint[ChunkSize];
    private readonly int[] _slots = new int[ChunkSize];
    private readonly List<KafkaRecordSink> _touched = [];
    private byte[] _headers = new byte[1024];
    private KafkaRecordSink? _share;
    private int _runLength;
    private int _runReports;
    private int _reports;
    private long _bytes;

    /// <summary>Takes all reports of an event. The event may be destroyed afterwards.</summary>
    /// <returns>Whether any record was delivered.</returns>
    public bool Dispatch(nint @event)
    {
        bool delivered = false;
        fixed (nint* messages = _messages)
        {
            int count;
            while ((count = (int)LibRdKafka.rd_kafka_event_message_array(@event, (NativeMessage**)messages, ChunkSize)) > 0)
            {
                for (int i = 0; i < count; i++)
                {
                    var message = (NativeMessage*)messages[i];
                    int id = RecordOpaque.Share(message->Opaque);
                    if (_share is null || _share.Id != id)
                        SwitchTo(id);

                    _runReports++;
                    _bytes += (long)message->ValueLength;
                    if (message->Error == 0)
                    {
                        _slots[_runLength++] = RecordOpaque.Slot(message->Opaque);
                        delivered = true;
                    }
                    else
                    {
                        TellRun();
                        TellFailed(message);
                    }
                }

                TellRun();
            }
        }

        return delivered;
    }

    /// <summary>Of the batch that <see cref="End"/> ended last: its reports, and the bytes of their records.</summary>
    public (int Reports, long Bytes) LastBatch { get; private set; }

    /// <summary>Ends the batch: every share that got reports hears so once. What the reports allow leaves now, before anything is destroyed.</summary>
    public void End()
    {
        CountRun();
        LastBatch = (_reports, _bytes);
        _reports = 0;
        _bytes = 0;
        _share = null;
        foreach (KafkaRecordSink share in _touched)
        {
            share.IsTouched = false;

            // Either this thread sees that the share was closed, or the closing thread sees these reports.
            Interlocked.MemoryBarrier();
            if (share.IsClosed)
            {
                producer.ReleaseIfDone(share);
                continue;
            }

            try
            {
                share.Listener.OnReportsEnd();
            }
            catch (Exception e)
            {
                KafkaLog.ListenerFailed(logger, e);
            }
        }

        _touched.Clear();
    }

    private void SwitchTo(int id)
    {
        TellRun();
        CountRun();
        _share = producer.GetShare(id);
        if (!_share.IsTouched)
        {
            _share.IsTouched = true;
            _touched.Add(_share);
        }
    }

    private void CountRun()
    {
        _share?.CountReports(_runReports);
        _reports += _runReports;
        _runReports = 0;
    }

    private void TellRun()
    {
        if (_runLength == 0)
            return;

        int length = _runLength;
        _runLength = 0;
        if (_share!.IsClosed)
            return;

        try
        {
            _share.Listener.OnDelivered(_slots.AsSpan(0, length));
        }
        catch (Exception e)
        {
            KafkaLog.ListenerFailed(logger, e);
        }
    }

    // librdkafka keeps the timestamp of a failed message but does not hand it out, so for the question the message has not failed.
    private static long Timestamp(NativeMessage* message)
    {
        (int error, message->Error) = (message->Error, 0);
        int type;
        long timestamp = LibRdKafka.rd_kafka_message_timestamp(message, &type);
        message->Error = error;
        return Math.Max(timestamp, 0);
    }

    private void TellFailed(NativeMessage* message)
    {
        if (_share!.IsClosed)
            return;

        try
        {
            byte* said = LibRdKafka.rd_kafka_message_produce_errstr(message);
            string reason = Faults.Name(message->Error);
            if (said != null && LibRdKafka.Text(said) is { Length: > 0 } text && !reason.EndsWith(text, StringComparison.Ordinal))
                reason = producer.Settings.Scrubber.Clean($"{reason}: {text}");

            _share.Listener.OnFailed(new FailedRecord
            {
                Slot = RecordOpaque.Slot(message->Opaque),
                Fault = Faults.OfReport(message->Error),
                Reason = reason,
                Code = Faults.Code(message->Error),
                PossiblyPersisted = LibRdKafka.rd_kafka_message_status(message) != LibRdKafka.StatusNotPersisted,
                Topic = _share.GetTopic(LibRdKafka.Text(LibRdKafka.rd_kafka_topic_name(message->Topic))),
                Record = new OutgoingRecord
                {
                    Value = message->ValueSpan,
                    HasKey = message->Key != null,
                    Key = message->KeySpan,
                    PartitionHash = RecordOpaque.PartitionHash(message->Opaque),
                    TimestampMs = Timestamp(message),
                    Headers = NativeHeaders.Read(message, ref _headers),
                },
            });
        }
        catch (Exception e)
        {
            KafkaLog.ListenerFailed(logger, e);
        }
    }
}
