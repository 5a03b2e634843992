using System.Diagnostics;
using Confluent.Kafka;
using Fastbridge.Kafka.Interop;

namespace Fastbridge.Kafka.Reading;

/// <summary>
/// Reads all values of a topic from its beginning, at rate, also while it grows: by librdkafka itself, for Confluent.Kafka makes objects of each record. A cluster that
/// forgets old records (the mock keeps a few megabytes of a partition) may be faster: what is gone is counted. <see cref="Run"/> takes a thread; <see cref="Finish"/> may
/// be called from any.
/// </summary>
public sealed unsafe class KafkaScan(string bootstrapServers, string topic, int partitions)
{
    /// <summary>Records that are taken at a time.</summary>
    private const int AtATime = 1024;

    private const int PollMs = 20;

    /// <summary>Of reading on, and of each question for an end.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private volatile bool _finish;

    /// <summary>Gets a value; its bytes are librdkafka's, and valid during the call.</summary>
    public delegate void Take(ReadOnlySpan<byte> value);

    /// <summary>Kafka has answered, and what comes from now on is read at once. Does not end where <see cref="Run"/> fails before.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Records that were gone before they were read. To be read when <see cref="Run"/> has returned.</summary>
    public long Forgotten { get; private set; }

    /// <summary>No more will be written: <see cref="Run"/> returns at what is then the end.</summary>
    public void Finish() => _finish = true;

    /// <param name="take">Called on this thread, for one value at a time.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KafkaException">For half a minute nothing came although there is more.</exception>
    /// <exception cref="OperationCanceledException">The token fired.</exception>
    public void Run(Take take, CancellationToken stop)
    {
        nint client = NewClient();
        nint handle = LibRdKafka.rd_kafka_topic_new(client, topic, 0);
        nint queue = LibRdKafka.rd_kafka_queue_new(client);
        int started = 0;
        try
        {
            for (; started < partitions; started++)
            {
                if (LibRdKafka.rd_kafka_consume_start_queue(handle, started, 0, queue) != 0)
                    throw new KafkaException((ErrorCode)LibRdKafka.rd_kafka_last_error());
            }

            Ends(client);
            _ready.TrySetResult();
            Read(client, queue, take, stop);
        }
        finally
        {
            while (started-- > 0)
                _ = LibRdKafka.rd_kafka_consume_stop(handle, started);
            LibRdKafka.rd_kafka_queue_destroy(queue);
            LibRdKafka.rd_kafka_topic_destroy(handle);
            LibRdKafka.rd_kafka_destroy(client);
        }
    }

    private nint NewClient()
    {
        using var conf = new ConfHandle();
        conf.Set("bootstrap.servers", bootstrapServers, out _);
        conf.Set("client.id", "fastbridge-scan", out _);
        conf.Set("allow.auto.create.topics", "false", out _);
        conf.Set("auto.offset.reset", "earliest", out _);
        conf.Set("enable.auto.commit", "false", out _);
        conf.Set("fetch.wait.max.ms", "50", out _);
        conf.Set("log_level", "0", out _);
        // Pauses are what it is lapped in: after an offset that is gone already, and above so many records that are not taken yet.
        conf.Set("fetch.error.backoff.ms", "0", out _);
        conf.Set("fetch.queue.backoff.ms", "0", out _);
        conf.Set("queued.min.messages", "1000000", out _);
        nint client = conf.NewConsumer(out string error);
        return client != 0 ? client : throw new KafkaException(new Error(ErrorCode.Local_Fail, error));
    }

    private void Read(nint client, nint queue, Take take, CancellationToken stop)
    {
        NativeMessage** messages = stackalloc NativeMessage*[AtATime];
        long[] next = new long[partitions];
        long[]? ends = null;
        long moved = Stopwatch.GetTimestamp();
        while (ends is null || !HasReached(next, ends))
        {
            stop.ThrowIfCancellationRequested();
            if (ends is null && _finish)
            {
                ends = Ends(client);
                moved = Stopwatch.GetTimestamp();
                continue;
            }

            long count = LibRdKafka.rd_kafka_consume_batch_queue(queue, PollMs, messages, AtATime);
            for (long i = 0; i < count; i++)
            {
                // An error passes: a broker that is away, a topic that is not known yet. Where it does not, nothing moves.
                if (messages[i]->Error == 0)
                {
                    ref long expected = ref next[messages[i]->Partition];
                    Forgotten += Math.Max(0, messages[i]->Offset - expected);
                    expected = messages[i]->Offset + 1;
                    take(messages[i]->ValueSpan);
                    moved = 0;
                }

                LibRdKafka.rd_kafka_message_destroy(messages[i]);
            }

            if (moved == 0)
                moved = Stopwatch.GetTimestamp();
            else if (ends is not null && Stopwatch.GetElapsedTime(moved) > Patience)
                throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"the records of {topic} cannot be read back"));
        }
    }

    private static bool HasReached(long[] next, long[] ends)
    {
        for (int partition = 0; partition < next.Length; partition++)
        {
            if (next[partition] < ends[partition])
                return false;
        }

        return true;
    }

    private long[] Ends(nint client)
    {
        long[] ends = new long[partitions];
        for (int partition = 0; partition < partitions; partition++)
        {
            long low, high;
            int error = LibRdKafka.rd_kafka_query_watermark_offsets(client, topic, partition, &low, &high, (int)Patience.TotalMilliseconds);
            if (error != 0)
                throw new KafkaException((ErrorCode)error);
            ends[partition] = high;
        }

        return ends;
    }
}
