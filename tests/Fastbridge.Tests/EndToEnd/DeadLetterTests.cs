using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.EndToEnd;

/// <summary>What Kafka can never take goes to a file in the state folder, is acknowledged, and the stream goes on (fault matrix, row 24).</summary>
public class DeadLetterTests(Lab lab) : EndToEndTest(lab)
{
    /// <summary>
    /// The topic takes 200,000 bytes: all the small records in one batch, and no large one. A limit below a batch would test something else, and would be
    /// a test of chance. Kafka judges batches: where it condemns the first one of a producer for its size, it accepts the next, which is already in flight,
    /// because it holds no sequence of that producer yet; the condemned records, produced again one by one, then stand behind. For the same reason each
    /// step here waits for the one before: a small record that shares a batch with a large one is condemned with it, and others may pass it.
    /// </summary>
    [Theory]
    [Fault(24)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task a_record_too_large_for_its_kafka_topic_becomes_a_dead_letter_and_the_stream_goes_on(int qos)
    {
        string kafka = await Lab.KafkaAsync();
        string topic = await KafkaTopics.CreateAsync(kafka, "small", 1, ("max.message.bytes", "200000"));
        Mosquitto broker = await MosquittoAsync();
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url, qos: qos).Add(Name, "#", kafka, topic).Write(Folder));

        using var ledger = new Ledger(kafka, topic);
        Fleet before = await SendAsync(new FleetOptions { Port = broker.Port, Qos = qos, Messages = 50 });
        await ledger.ReadAllAsync([before]);
        Fleet large = await SendAsync(new FleetOptions { Port = broker.Port, Qos = qos, Messages = 3, Publishers = 1, Root = "large", Size = 100_000, FirstPublisher = 10 });
        // The log says the first of a kind at once and sums up the others, so the file tells.
        foreach (int n in new[] { 0, 1, 2 }) await WaitForLetterAsync($"large/10/{n}");
        Fleet after = await SendAsync(new FleetOptions { Port = broker.Port, Qos = qos, Messages = 50, FirstPublisher = 20 });
        await ledger.ReadAllAsync([after]);
        await EndAsync(bridge);
        await ledger.ReadToEndAsync();

        ledger.Check([before, after]);
        Assert.Equal(3, ledger.LostCount([large]));
        string letters = Letters();
        Assert.All(new[] { "large/10/0", "large/10/1", "large/10/2" }, t => Assert.Contains(t, letters, StringComparison.Ordinal));
        Assert.DoesNotContain("fleet/", letters, StringComparison.Ordinal);
        await AssertNothingIsLeftAsync(broker, bridge, kafka, topic, large);
    }

    /// <summary>As where the gateway's clock is hours ahead: Kafka refuses the record for its time, alone as well.</summary>
    [Fact]
    public async Task a_record_whose_time_kafka_refuses_becomes_a_dead_letter_and_is_acknowledged()
    {
        RealKafka kafka = Own(await RealKafka.StartAsync());
        string topic = await KafkaTopics.CreateAsync(kafka.Bootstrap, "time", 1, ("message.timestamp.before.max.ms", "0"));
        Mosquitto broker = await MosquittoAsync();
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url).Add(Name, "#", kafka.Bootstrap, topic, AskingOften).Write(Folder));
        await kafka.StopAsync();

        Fleet late = await SendAsync(new FleetOptions { Port = broker.Port, Messages = 3, Publishers = 1, FirstPublisher = 10, Root = "late" });
        await kafka.StartAgainAsync();

        foreach (int n in new[] { 0, 1, 2 }) await WaitForLetterAsync($"late/10/{n}");
        await EndAsync(bridge);
        Assert.Equal(3, late.Acknowledged);
        Assert.Contains("INVALID_", Letters(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_kafka_topic_that_stays_illegal_after_replacement_becomes_a_dead_letter_and_the_stream_goes_on()
    {
        string kafka = await Lab.KafkaAsync();
        string root = KafkaTopics.UniqueName("legal");
        await KafkaTopics.CreateNamedAsync(kafka, $"{root}.0.0");
        Mosquitto broker = await MosquittoAsync();
        BridgeProcess bridge = await StartSubscribedAsync(new BridgeFile(broker.Url).Add(Name, "#", kafka, "${topic}").Write(Folder));

        // Kafka's longest topic name has 249 characters.
        string tooLong = new('x', 260);
        Fleet illegal = await SendAsync(new FleetOptions { Port = broker.Port, Root = tooLong, Publishers = 1, Messages = 2, Topics = 1, FirstPublisher = 7 });
        Fleet legal = await SendAsync(new FleetOptions { Port = broker.Port, Root = root, Publishers = 1, Messages = 100, Topics = 1 });

        using var ledger = new Ledger(kafka, $"{root}.0.0");
        await ledger.ReadAllAsync([legal]);
        await EndAsync(bridge);

        ledger.Check([legal]);
        Assert.Equal(2, illegal.Acknowledged);
        string letters = Letters();
        Assert.Contains(tooLong, letters, StringComparison.Ordinal);
        Assert.DoesNotContain(root, letters, StringComparison.Ordinal);
    }

    /// <summary>The dead letters were acknowledged to the broker: a bridge that starts again is not given them again.</summary>
    private async Task AssertNothingIsLeftAsync(Mosquitto broker, BridgeProcess first, string kafka, string topic, Fleet large)
    {
        int letters = Letters().Length;
        BridgeProcess again = await StartSubscribedAsync(Folder.File("connectors.json"));
        Fleet marker = await SendAsync(new FleetOptions { Port = broker.Port, Publishers = 1, Messages = 1, FirstPublisher = 30 });
        using var ledger = new Ledger(kafka, topic);
        // It is queued behind whatever the session still held.
        await ledger.ReadAllAsync([marker]);
        await EndAsync(again);
        Assert.Equal(letters, Letters().Length);
        Assert.Equal(3, large.Acknowledged);
        Assert.True(first.Process.HasExited);
    }

    private async Task WaitForLetterAsync(string topic)
    {
        using var guard = new CancellationTokenSource(TestTools.Guard);
        while (!Letters().Contains($"\"{topic}\"", StringComparison.Ordinal))
        {
            Assert.False(guard.IsCancellationRequested, $"no dead letter of {topic}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The letters, not the lock beside them, which the bridge needs for itself.</summary>
    private string Letters() => string.Concat(Directory.EnumerateFiles(StateDir, "dead-letters-*.jsonl").Order().Select(File.ReadAllText));
}
