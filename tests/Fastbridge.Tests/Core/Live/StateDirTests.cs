using Fastbridge.Core.Config;
using Fastbridge.Core.Live;
using Fastbridge.Mqtt;
using Fastbridge.Mqtt.Protocol;
using Fastbridge.Tests.Mqtt.Client;
using Fastbridge.Tests.Support;

namespace Fastbridge.Tests.Core.Live;

/// <summary>What the bridge keeps in state_dir: memory of sessions, marks of deleted connectors, the lock.</summary>
public class StateDirTests
{
    private static ConnectorConfig Connector(string name, params string[] filters) => new()
    {
        Name = name,
        Mqtt = new MqttClientOptions { ClientId = "id-" + name, Password = "hush"u8.ToArray(), Subscriptions = [.. filters.Select(f => new MqttSubscription(f, QoS.AtLeastOnce))] },
        Kafka = new KafkaConfig { BootstrapServers = "k:1", Topic = "t" },
    };

    [Fact]
    public void filters_are_remembered_until_the_server_has_dropped_them_over_restarts_and_without_secrets()
    {
        using var folder = new TempFolder("state");
        SessionMemory memory = Load(folder);
        memory.Expect(Connector("a", "x", "y"));
        Assert.Null(memory.Save());
        memory = Load(folder);
        memory.Expect(Connector("a", "y", "z"));
        Assert.Equal(["x"], memory.Stale(Connector("a", "y", "z").Mqtt));
        Assert.Null(memory.Save());
        Assert.Equal(["x", "y"], Load(folder).Stale(Connector("a", "z").Mqtt));
        memory.Unsubscribed(Connector("a").Mqtt, ["x"]);
        Assert.Null(memory.Save());
        Assert.Empty(Load(folder).Stale(Connector("a", "y", "z").Mqtt));
        Assert.DoesNotContain("hush", File.ReadAllText(folder.File("sessions.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void a_session_that_its_connector_left_is_forgotten_when_it_must_have_expired()
    {
        using var folder = new TempFolder("state");
        var time = new ManualTime();
        SessionMemory memory = SessionMemory.Load(folder.Path, time, out _);
        memory.Expect(Connector("a", "x"));
        memory.LeaveAllBut([]);
        time.Advance(TimeSpan.FromDays(6));
        memory.LeaveAllBut([]);
        Assert.Single(memory.Of("default", "a"));
        time.Advance(TimeSpan.FromDays(1.1));
        memory.LeaveAllBut([]);
        Assert.Empty(memory.Of("default", "a"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{ "sessions": [ 5 ] }""")]
    [InlineData("""{ "sessions": [ { "client_id": 7 } ] }""")]
    [InlineData("""{ "sessions": [ { "port": 99999999999 } ] }""")]
    public void a_memory_that_cannot_be_read_is_said_and_written_anew(string text)
    {
        using var folder = new TempFolder("state");
        folder.Write("sessions.json", text);
        SessionMemory memory = SessionMemory.Load(folder.Path, TimeProvider.System, out string? trouble);
        Assert.Contains("sessions.json: cannot be read", trouble, StringComparison.Ordinal);
        memory.Expect(Connector("a", "x"));
        Assert.Null(memory.Save());
        Assert.Equal(["x"], Load(folder).Stale(Connector("a").Mqtt));
    }

    [Fact]
    public void a_folder_that_cannot_be_written_is_said_in_one_line_and_tried_again()
    {
        using var folder = new TempFolder("state");
        string state = folder.Write("state", "a file where a folder should be");
        SessionMemory memory = SessionMemory.Load(state, TimeProvider.System, out _);
        memory.Expect(Connector("a", "x"));
        Assert.Contains("cannot be written", memory.Save(), StringComparison.Ordinal);
        File.Delete(state);
        Assert.Null(memory.Save());
        Assert.True(File.Exists(Path.Combine(state, "sessions.json")));
        Assert.Contains("cannot be marked", DeletedConnectors.Mark(Path.Combine(state, "sessions.json"), "default", "a"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task marks_of_many_writers_are_all_kept_once_each_and_rubbish_is_passed_over()
    {
        using var folder = new TempFolder("state");
        folder.Write("deleted.jsonl", "rubbish\n{\"cluster_name\": 1}\n");
        await Task.WhenAll(Enumerable.Range(0, 40).Select(i => Task.Run(() => Assert.Null(DeletedConnectors.Mark(folder.Path, "default", $"\"{i % 20}\nö")))));
        Assert.Equal(20, DeletedConnectors.Read(folder.Path).Length);
        foreach (DeletedMark mark in DeletedConnectors.Read(folder.Path))
            DeletedConnectors.Remove(folder.Path, mark);
        Assert.Empty(DeletedConnectors.Read(folder.Path));
        Assert.Empty(DeletedConnectors.Read(folder.File("none")));
    }

    [Fact]
    public void one_state_dir_serves_one_bridge_and_is_free_again_after_it()
    {
        using var folder = new TempFolder("state");
        string state = folder.File("made/here");
        using (StateLock? first = StateLock.TryTake(state, out string? trouble))
        {
            Assert.NotNull(first);
            Assert.Null(trouble);
            Assert.Null(StateLock.TryTake(state, out trouble));
            Assert.Contains("another fastbridge runs on it", trouble, StringComparison.Ordinal);
        }

        using StateLock? second = StateLock.TryTake(state, out _);
        Assert.NotNull(second);
    }

    [Fact]
    public async Task a_session_has_one_client_at_a_time_in_the_order_of_their_coming_also_where_one_gives_up_its_place()
    {
        var gate = new SessionGate();
        MqttClientOptions options = Connector("a").Mqtt;
        SessionGate.Pass first = gate.Enter(options), second = gate.Enter(options with { Host = "LOCALHOST" }), third = gate.Enter(options);
        Assert.True(first.Before.IsCompleted);
        second.Leave();
        Assert.False(second.Before.IsCompleted || third.Before.IsCompleted);
        first.Leave();
        await third.Before.Guarded();
        Assert.True(gate.Enter(options with { ClientId = "another" }).Before.IsCompleted);
    }

    [Fact]
    public void rates_are_those_of_the_last_five_seconds()
    {
        var time = new ManualTime();
        var rates = new RateMeter(time);
        Assert.Null(rates.LastReceivedAt);
        for (int second = 0; second <= 20; second++)
        {
            rates.Sample(second < 10 ? second * 100 : 1000, second * 10);
            time.Advance(TimeSpan.FromSeconds(1));
            if (second == 9)
                Assert.Equal((100, 10), (rates.ReceivedPerSecond, rates.DeliveredPerSecond));
        }

        Assert.Equal((0, 10), (rates.ReceivedPerSecond, rates.DeliveredPerSecond));
        Assert.True(rates.LastReceivedAt < rates.LastDeliveredAt);
        rates.Look(1001, 200);
        Assert.Equal(time.GetUtcNow(), rates.LastReceivedAt);
    }

    private static SessionMemory Load(TempFolder folder)
    {
        SessionMemory memory = SessionMemory.Load(folder.Path, TimeProvider.System, out string? trouble);
        Assert.Null(trouble);
        return memory;
    }
}
