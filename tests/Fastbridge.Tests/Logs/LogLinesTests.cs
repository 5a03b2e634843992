using System.Globalization;
using System.Text.Json;
using Fastbridge.Cli;
using Fastbridge.Logs;
using Fastbridge.Tests.Mqtt.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Fastbridge.Tests.Logs;

/// <summary>Levels by part, the choice of the format, and the lines of each.</summary>
public class LogLinesTests
{
    [Theory]
    [InlineData("warn", "Fastbridge.Mqtt", LogLevel.Warning)]
    [InlineData("info,mqtt=debug", "Fastbridge.Mqtt", LogLevel.Debug)]
    [InlineData("info,mqtt=debug", "my connector", LogLevel.Information)]
    [InlineData("mqtt=debug , error", "fastbridge", LogLevel.Error)]
    [InlineData("Kafka=WARN", "Fastbridge.Kafka", LogLevel.Warning)]
    [InlineData("kafka=warn", "Fastbridge.Core.Bridge", LogLevel.Information)]
    [InlineData("debug,core=error", "fastbridge.admin", LogLevel.Debug)]
    [InlineData("debug,core=error", "Fastbridge.Core.Live.BridgeFollower", LogLevel.Error)]
    [InlineData("info,otlp=error,otlp=debug", "fastbridge.otlp", LogLevel.Debug)]
    public void a_part_is_heard_from_its_level_on(string text, string category, LogLevel least)
    {
        LogLevels levels = LogLevels.Parse(text);
        Assert.True(levels.IsHeard(category, least) && levels.Lowest <= least);
        Assert.False(levels.IsHeard(category, least - 1));
    }

    [Theory]
    [InlineData("loud", "\"loud\"")]
    [InlineData("info,disk=debug", "\"disk\"")]
    [InlineData("info,mqtt=", "\"\"")]
    [InlineData("", "\"\"")]
    public void what_is_no_level_or_part_is_one_line_with_the_choices(string text, string named)
    {
        string message = Assert.Throws<SettingsException>(() => LogLevels.Parse(text)).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.Contains("FASTBRIDGE_LOG_LEVEL", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(true, true, "xterm", null, "8:7", "socket:[7]", "Json")]
    [InlineData(false, true, "xterm", null, null, "/dev/pts/0", "Colour")]
    [InlineData(false, true, "dumb", null, null, "/dev/pts/0", "Text")]
    [InlineData(false, true, null, null, null, "/dev/pts/0", "Text")]
    [InlineData(false, true, "xterm", "1", null, "/dev/pts/0", "Text")]
    [InlineData(false, true, "xterm", "", null, "/dev/pts/0", "Colour")]
    [InlineData(false, false, "xterm", null, null, "/var/log/x", "Text")]
    [InlineData(false, false, null, null, "8:7", "socket:[7]", "Journal")]
    [InlineData(false, false, null, null, "8:7", "socket:[77]", "Text")]
    [InlineData(false, false, null, null, "8:7", "/var/log/x", "Text")]
    [InlineData(false, false, null, null, "x", null, "Text")]
    public void the_format_fits_what_standard_error_is(bool json, bool terminal, string? term, string? noColour, string? journal, string? target, string expected)
    {
        string? Variable(string name) => name switch { "TERM" => term, "NO_COLOR" => noColour, "JOURNAL_STREAM" => journal, _ => null };
        Assert.Equal(expected, LogFormats.Choose(json, Variable, terminal, target).ToString());
    }

    [Theory]
    [InlineData("Text", LogLevel.Warning, "1970-01-02T00:00:00.000Z warn  two lines: IOException: a b\n")]
    [InlineData("Text", LogLevel.Critical, "1970-01-02T00:00:00.000Z error two lines: IOException: a b\n")]
    [InlineData("Colour", LogLevel.Warning, "1970-01-02T00:00:00.000Z \e[33mwarn\e[0m  two lines: IOException: a b\n")]
    [InlineData("Journal", LogLevel.Warning, "<4>two lines: IOException: a b\n")]
    [InlineData("Journal", LogLevel.Error, "<3>two lines: IOException: a b\n")]
    [InlineData("Journal", LogLevel.Information, "<6>two lines: IOException: a b\n")]
    public void a_text_line_is_one_line(string format, LogLevel level, string expected) =>
        Assert.Equal(expected, Line(new TextLines(Enum.Parse<LogFormat>(format), new ManualTime()), level, "fastbridge", default, "two\nlines", [], new IOException("a\r\nb")));

    [Fact]
    public void a_json_line_is_one_object_with_the_parts_of_its_message()
    {
        KeyValuePair<string, object?>[] values =
            [new("Connector", "m\n"), new("RetryIn", "2.0 s"), new("Count", 7L), new("DrainSeconds", 9.5), new("Odd", double.NaN), new("None", null), new("Yes", true), new("QoS", 1), new("{OriginalFormat}", "x")];
        string line = Line(new JsonLines(new ManualTime()), LogLevel.Warning, "Fastbridge.Mqtt", new EventId(2002, "Lost"), "said \"so\"\n", values, new IOException("a\nb"));
        Assert.Equal(
            """{"time":"1970-01-02T00:00:00.000Z","level":"warn","part":"mqtt","id":2002,"event":"Lost","message":"said \"so\"\n","connector":"m\n","retry_in":"2.0 s","count":7,"drain_seconds":9.5,"odd":"NaN","none":null,"yes":true,"qos":1,"exception":"IOException: a\nb"}""" + "\n",
            line);
        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind);
    }

    private static string Line(ConsoleFormatter formatter, LogLevel level, string category, EventId id, string text, IReadOnlyList<KeyValuePair<string, object?>> values, Exception? exception)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        var entry = new LogEntry<IReadOnlyList<KeyValuePair<string, object?>>>(level, category, id, values, exception, (_, _) => text);
        formatter.Write(in entry, null, writer);
        return writer.ToString();
    }
}
