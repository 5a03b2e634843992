using Fastbridge.Core;
using Fastbridge.Mqtt;
using Fastbridge.Tests.Mqtt.Client;
using Microsoft.Extensions.Logging;

namespace Fastbridge.Tests.Core;

/// <summary>The log lines of a link that comes and goes, word by word.</summary>
public class ConnectorEventsTests
{
    private const string Reason = "mqtt://h:1: connection reset by the server or on the way";

    [Theory]
    [InlineData(0.012, "12 ms")]
    [InlineData(0.9994, "999 ms")]
    [InlineData(0.9996, "1.0 s")]
    [InlineData(29.54, "29.5 s")]
    public void a_lost_connection_is_one_line_with_one_address_and_a_wait_that_can_be_read(double seconds, string wait)
    {
        var log = new Lines();
        new ConnectorEvents("main", log, TimeProvider.System).OnMqtt(new MqttEvent.Lost("mqtt://h:1", Reason, true, false, TimeSpan.FromSeconds(seconds)));
        Assert.Equal([$"main: lost {Reason}; retrying in {wait}"], log.Said);
    }

    [Fact]
    public void a_server_that_cannot_be_reached_is_said_once()
    {
        var log = new Lines();
        var events = new ConnectorEvents("main", log, TimeProvider.System);
        events.OnMqtt(new MqttEvent.Lost("mqtt://h:1", Reason, false, false, TimeSpan.FromSeconds(2)));
        events.OnMqtt(new MqttEvent.Lost("mqtt://h:1", Reason, false, true, TimeSpan.FromSeconds(4)));
        Assert.Equal([$"main: cannot connect to {Reason}; retrying in 2.0 s"], log.Said);
    }

    [Fact]
    public void a_long_outage_is_said_as_a_count_now_and_then_and_at_its_end()
    {
        var log = new Lines();
        var time = new ManualTime();
        var events = new ConnectorEvents("main", log, time);
        for (int i = 0; i < 87; i++)
        {
            // Two reasons that take turns are two lines, not 87.
            events.OnMqtt(new MqttEvent.Lost("mqtt://h:1", i % 2 == 0 ? Reason : "mqtt://h:1: refused", false, false, TimeSpan.FromSeconds(30)));
            events.Remind();
            time.Advance(TimeSpan.FromSeconds(10));
        }

        time.Advance(TimeSpan.FromSeconds(364));
        events.OnMqtt(new MqttEvent.Connected("mqtt://h:1", Fastbridge.Mqtt.Protocol.MqttVersion.V5, "c", true, false));
        events.Remind();
        Assert.Equal(
            [
                $"main: cannot connect to {Reason}; retrying in 30.0 s",
                "main: cannot connect to mqtt://h:1: refused; retrying in 30.0 s",
                $"main: still not connected: 61 attempts in 600 s; the last: {Reason}",
                "main: connected to mqtt://h:1 (MQTT 5.0, client id c, session resumed)",
                "main: back after 1,234 s, 87 failed attempts",
            ],
            log.Said);
    }

    [Fact]
    public void kafka_away_is_said_again_after_ten_minutes_and_its_end_says_how_long()
    {
        var log = new Lines();
        var time = new ManualTime();
        var events = new ConnectorEvents("main", log, time);
        events.OnKafka("no broker");
        time.Advance(TimeSpan.FromSeconds(599));
        events.Remind();
        time.Advance(TimeSpan.FromSeconds(1));
        events.Remind();
        events.Remind();
        events.OnKafka(null);
        time.Advance(TimeSpan.FromHours(1));
        events.Remind();
        Assert.Equal(["main: Kafka: still away, for 600 s now: no broker", "main: Kafka works again, after 600 s"], log.Said.Skip(1));
    }

    private sealed class Lines : ILogger
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Said.Add(formatter(state, exception));
    }
}
