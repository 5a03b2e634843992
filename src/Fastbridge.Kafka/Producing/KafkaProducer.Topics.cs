using System.Runtime.InteropServices;
using Confluent.Kafka;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Producing;

/// <content>Whether the topics of shares are there: one question for all that want to know, without creating any, again while one is missing. The delivery thread's.</content>
internal sealed unsafe partial class KafkaProducer
{
    /// <summary>Between two questions about a topic that is missing: whoever creates it sees soon that it was noticed, and Kafka hardly feels it.</summary>
    private const int AskPauseMs = 5_000;

    // A share has a new question: any thread's, behind the share's own mark.
    private volatile bool _asksNow;

    // Some share still waits for its topic.
    private bool _asks;
    private bool _asking;
    private long _askedAtMs;

    /// <summary>A share has set <see cref="KafkaRecordSink.AskedTopic"/>. Any thread.</summary>
    public void Ask()
    {
        _asksNow = true;
        Wake();
    }

    /// <summary>How long the delivery thread may sleep for the sake of the questions.</summary>
    private int AskWaitMs => !_asks || _asking ? IdleMs : (int)Math.Clamp(_askedAtMs + AskPauseMs - Environment.TickCount64, 0, AskPauseMs);

    private void AskWhenDue(NativeProducer native)
    {
        if (_asking || (!_asksNow && (!_asks || AskWaitMs > 0)))
            return;
        _asksNow = false;
        Interlocked.MemoryBarrier(); // Before the look at what the shares ask.
        var topics = new HashSet<string>(StringComparer.Ordinal);
        foreach (KafkaRecordSink? share in Snapshot())
        {
            if (share is { IsClosed: false, AskedTopic: { } topic })
                topics.Add(topic);
        }

        _asks = topics.Count > 0;
        if (!_asks)
            return;
        var names = (byte**)NativeMemory.AllocZeroed((nuint)topics.Count, (nuint)sizeof(byte*));
        nuint count = 0;
        foreach (string topic in topics)
            names[count++] = (byte*)Marshal.StringToCoTaskMemUTF8(topic);
        nint collection = LibRdKafka.rd_kafka_TopicCollection_of_topic_names(names, count);
        nint options = LibRdKafka.rd_kafka_AdminOptions_new(native.Handle, LibRdKafka.AdminDescribeTopics);
        byte* error = stackalloc byte[256];
        _ = LibRdKafka.rd_kafka_AdminOptions_set_request_timeout(options, ProbeTimeoutMs, error, 256);
        LibRdKafka.rd_kafka_DescribeTopics(native.Handle, collection, options, native.Queue);
        LibRdKafka.rd_kafka_AdminOptions_destroy(options);
        LibRdKafka.rd_kafka_TopicCollection_destroy(collection);
        for (nuint i = 0; i < count; i++)
            Marshal.FreeCoTaskMem((nint)names[i]);
        NativeMemory.Free(names);
        _asking = true;
    }

    /// <summary>The answer. Where there is none in time, the question is asked again: what ails the cluster is said elsewhere.</summary>
    private void ServeTopics(nint @event)
    {
        _asking = false;
        _askedAtMs = Environment.TickCount64;
        if (LibRdKafka.rd_kafka_event_error(@event) != 0)
            return;
        var answers = new Dictionary<string, int>(StringComparer.Ordinal);
        nuint count;
        nint* topics = LibRdKafka.rd_kafka_DescribeTopics_result_topics(LibRdKafka.rd_kafka_event_DescribeTopics_result(@event), &count);
        for (nuint i = 0; i < count; i++)
        {
            nint error = LibRdKafka.rd_kafka_TopicDescription_error(topics[i]);
            answers[LibRdKafka.Text(LibRdKafka.rd_kafka_TopicDescription_name(topics[i]))] = error == 0 ? 0 : LibRdKafka.rd_kafka_error_code(error);
        }

        foreach (KafkaRecordSink? share in Snapshot())
        {
            if (share is not { IsClosed: false, AskedTopic: { } topic } || !answers.TryGetValue(topic, out int error))
                continue;
            DeliveryFault? fault = (ErrorCode)error switch
            {
                ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed => DeliveryFault.NotAuthorized,
                ErrorCode.UnknownTopicOrPart => DeliveryFault.TopicUnknown,
                ErrorCode.NoError => null,
                _ => DeliveryFault.TryAgain, // A leader that is being elected, say: it is there, or the next answer tells.
            };
            if (fault is DeliveryFault.TryAgain)
                continue;
            if (fault is null)
                share.AskedTopic = null;
            Tell(share, fault, static (listener, f) => listener.OnTopicAnswer(f));
        }
    }
}
