using System.Diagnostics;
using Fastbridge.Core.Config;
using Fastbridge.Core.Delivery;
using Fastbridge.Kafka;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Mock;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fastbridge.Benchmarks.Kafka;

/// <summary>
/// What one record costs, produced and reported, on the mock cluster (whose cost is in the figures, alike for all): through the sink, and
/// through bare librdkafka with reports as events and as callbacks. <c>dotnet run -c Release -- kafka-cost [messages]</c>.
/// </summary>
internal static unsafe class ProduceCost
{
    private const int Window = 10_000;

    public static void Run(int messages)
    {
        for (int round = 0; round < 3; round++)
        {
            Measure("sink", messages, Sink);
            Measure("events", messages, (address, count) => Bare(address, count, events: true));
            Measure("callback", messages, (address, count) => Bare(address, count, events: false));
        }
    }

    private static void Measure(string name, int messages, Action<string, int> run)
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 4);
        TimeSpan cpu = Process.GetCurrentProcess().TotalProcessorTime;
        long allocated = GC.GetTotalAllocatedBytes(precise: true), start = Stopwatch.GetTimestamp();
        run(kafka.BootstrapServers, messages);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start), used = Process.GetCurrentProcess().TotalProcessorTime - cpu;
        Console.WriteLine(
            $"{name,-9} {messages / elapsed.TotalSeconds,10:N0} records/s  {used.TotalMicroseconds / messages,6:F3} us CPU a record  "
            + $"{(GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)messages,6:F2} B allocated a record");
    }

    private static void Sink(string address, int messages)
    {
        using var listener = new Listener();
        var factory = new KafkaSinkFactory(NullLoggerFactory.Instance);
        IRecordSink sink = factory.Open(new KafkaConfig { BootstrapServers = address, Topic = "t" }, listener);
        IRecordTopic topic = sink.GetTopic("t");
        Span<byte> value = stackalloc byte[256];
        Span<byte> key = stackalloc byte[8];
        for (int i = 0; i < messages; i++)
        {
            if (i - Volatile.Read(ref listener.Delivered) >= Window)
                listener.WaitFor(i - (Window / 2));
            BitConverter.TryWriteBytes(key, (long)i);
            if (sink.TryProduce(topic, new OutgoingRecord { Value = value, HasKey = true, Key = key }, i & 0xFFFF) != ProduceStatus.Queued)
                throw new InvalidOperationException("not queued");
        }

        listener.WaitFor(messages);
        sink.DisposeAsync().AsTask().Wait();
        factory.DisposeAsync().AsTask().Wait();
    }

    private static void Bare(string address, int messages, bool events)
    {
        var conf = new ConfHandle();
        conf.Set("bootstrap.servers", address, out _);
        conf.Set("enable.idempotence", "true", out _);
        conf.Set("partitioner", "murmur2", out _);
        conf.Set("queue.buffering.max.messages", "0", out _);
        if (events)
            LibRdKafka.rd_kafka_conf_set_events(conf.Pointer, LibRdKafka.EventDeliveryReport);
        else
            NativeReportCallback.rd_kafka_conf_set_dr_msg_cb(conf.Pointer, NativeReportCallback.Pointer);
        nint client = conf.NewProducer(out _), topic = LibRdKafka.rd_kafka_topic_new(client, "t", 0), queue = LibRdKafka.rd_kafka_queue_get_main(client);
        using var room = new SemaphoreSlim(0);
        long delivered = 0;
        var reports = new Thread(() =>
        {
            var batch = new nint[1024];
            NativeReportCallback.Count = 0;
            while (delivered < messages)
            {
                if (events)
                {
                    nint @event = LibRdKafka.rd_kafka_queue_poll(queue, 100);
                    fixed (nint* first = batch)
                    {
                        for (int n; @event != 0 && (n = (int)LibRdKafka.rd_kafka_event_message_array(@event, (NativeMessage**)first, 1024)) > 0;)
                        {
                            long ok = 0;
                            for (int i = 0; i < n; i++)
                                ok += ((NativeMessage*)batch[i])->Error == 0 ? 1 : 0;
                            Volatile.Write(ref delivered, delivered + ok);
                        }
                    }

                    if (@event != 0)
                        LibRdKafka.rd_kafka_event_destroy(@event);
                }
                else
                {
                    _ = NativeReportCallback.rd_kafka_poll(client, 100);
                    Volatile.Write(ref delivered, NativeReportCallback.Count);
                }

                if (room.CurrentCount == 0)
                    room.Release();
            }
        });
        reports.Start();
        byte* value = stackalloc byte[256];
        for (long i = 0; i < messages; i++)
        {
            while (i - Volatile.Read(ref delivered) >= Window)
                room.Wait(100);
            _ = LibRdKafka.rd_kafka_produce(topic, -1, LibRdKafka.MessageCopy, value, 256, (byte*)&i, 8, (nint)i);
        }

        reports.Join();
        LibRdKafka.rd_kafka_topic_destroy(topic);
        LibRdKafka.rd_kafka_queue_destroy(queue);
        LibRdKafka.rd_kafka_destroy(client);
        conf.Dispose();
    }

    private sealed class Listener : IDeliveryListener, IDisposable
    {
        public long Delivered;

        private readonly SemaphoreSlim _changed = new(0);

        public void OnDelivered(ReadOnlySpan<int> slots) => Volatile.Write(ref Delivered, Delivered + slots.Length);

        public void OnFailed(in FailedRecord record) => Console.Error.WriteLine(record.Reason);

        public void OnReportsEnd()
        {
            if (_changed.CurrentCount == 0)
                _changed.Release();
        }

        public void OnRoom()
        {
        }

        public void OnSinkState(string? fault)
        {
        }

        public void WaitFor(long count)
        {
            while (Volatile.Read(ref Delivered) < count)
                _changed.Wait(100);
        }

        public void Dispose() => _changed.Dispose();
    }
}
