using Fastbridge.Core;
using Fastbridge.Mqtt;
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
