using System.Runtime.InteropServices;
using System.Text.Json;
using Fastbridge.Kafka.Interop;
using Fastbridge.Kafka.Mock;

namespace Fastbridge.Tests.Kafka;

/// <summary>Our change to librdkafka: while a partition awaits Kafka's answer, its broker's thread sleeps.</summary>
public unsafe class WaitForResponseTests
{
    private const int EventStats = 0x40;

    [Fact]
    public void a_slow_kafka_is_waited_for_and_not_polled_in_a_loop()
    {
        using var kafka = new MockKafka();
        kafka.CreateTopic("t", 1);
        kafka.SetRoundTripTime(1, 300);
        nint client = NewProducer(kafka.BootstrapServers);
        nint queue = LibRdKafka.rd_kafka_queue_get_main(client), topic = LibRdKafka.rd_kafka_topic_new(client, "t", 0);
        var stats = (delegate* unmanaged<nint, byte*>)NativeLibrary.GetExport(NativeLibrary.Load("librdkafka", typeof(LibRdKafka).Assembly, null), "rd_kafka_event_stats");
        try
        {
            byte value = 1;
            for (int i = 0; i < 200; i++)
                Assert.Equal(0, LibRdKafka.rd_kafka_produce(topic, LibRdKafka.PartitionUnassigned, LibRdKafka.MessageCopy, &value, 1, &value, 1, 0));

            // Ten records a request, five requests an answer: four answers of 300 ms, and records that are due all the while.
            nint* messages = stackalloc nint[200];
            long wakeups = 0;
            for (int left = 200; left > 0 || wakeups == 0;)
            {
                nint @event = LibRdKafka.rd_kafka_queue_poll(queue, 60_000);
                Assert.NotEqual(0, @event);
                int type = LibRdKafka.rd_kafka_event_type(@event);
                if (type == LibRdKafka.EventDeliveryReport)
                    left -= (int)LibRdKafka.rd_kafka_event_message_array(@event, (NativeMessage**)messages, 200);
                else if (type == EventStats && left == 0)
                    wakeups = Wakeups(LibRdKafka.Text(stats(@event)));
                LibRdKafka.rd_kafka_event_destroy(@event);
            }

            // Some 200; in a loop hundreds of thousands.
            Assert.InRange(wakeups, 1, 5_000);
        }
        finally
        {
            LibRdKafka.rd_kafka_topic_destroy(topic);
            LibRdKafka.rd_kafka_queue_destroy(queue);
            LibRdKafka.rd_kafka_destroy(client);
        }
    }

    private static long Wakeups(string stats)
    {
        using var json = JsonDocument.Parse(stats);
        return json.RootElement.GetProperty("brokers").EnumerateObject().Sum(b => b.Value.GetProperty("wakeups").GetInt64());
    }

    private static nint NewProducer(string bootstrapServers)
    {
        using var conf = new ConfHandle();
        foreach ((string name, string value) in ((string, string)[])
            [("bootstrap.servers", bootstrapServers), ("enable.idempotence", "true"), ("linger.ms", "1"), ("batch.num.messages", "10"), ("statistics.interval.ms", "100")])
            Assert.Equal(LibRdKafka.ConfOk, conf.Set(name, value, out _));
        LibRdKafka.rd_kafka_conf_set_events(conf.Pointer, LibRdKafka.EventDeliveryReport | EventStats | LibRdKafka.EventError);
        nint client = conf.NewProducer(out string error);
        Assert.True(client != 0, error);
        return client;
    }
}
