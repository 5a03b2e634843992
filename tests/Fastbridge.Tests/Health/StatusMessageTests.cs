using System.Text.Json;
using Fastbridge.Core;
using Fastbridge.Health;
using Fastbridge.Tests.Admin;

namespace Fastbridge.Tests.Health;

/// <summary>The status in few bytes, and in one line.</summary>
public class StatusMessageTests
{
    [Fact]
    public void a_thousand_connectors_with_the_longest_names_and_reasons_stay_below_4_kb()
    {
        string name = new('\u20AC', 128);
        BridgeStatus status = Status([.. Enumerable.Range(0, 1000).Select(_ => Connector(name, ConnectorState.Error, string.Concat(Enumerable.Repeat("\U0001F3ED\"", 400))))]);
        ReadOnlyMemory<byte> message = StatusMessage.Of(new Summary(status), FakeBridge.Start.AddDays(9999));
        Assert.InRange(message.Length, 1000, StatusMessage.MostBytes - 1);
        JsonElement json = JsonDocument.Parse(message).RootElement;
        Assert.Equal((1000, Summary.MostNamed), (json.GetProperty("connectors").GetProperty("Error").GetInt32(), json.GetProperty("trouble").GetArrayLength()));
    }

    [Fact]
    public void it_has_totals_states_and_why()
    {
        BridgeStatus status = Status(
            Connector("a", ConnectorState.Running, "") with { Received = 7, Delivered = 5, InFlight = 2, DeadLettered = 1, Discarded = 2 },
            Connector("b", ConnectorState.Running, "") with { Warning = "no message for 90 s", Received = 1 },
            Connector("c", ConnectorState.Error, "refused"),
            Connector("d", ConnectorState.Stopped, "the file says Stopped"));
        Assert.Equal(
            """{"state":"online","at":"2026-01-02T03:05:05.678Z","version":"VERSION","since":"2026-01-02T03:04:05.678Z","uptime_seconds":60,"connectors":{"Running":1,"Warn":1,"Idle":0,"Stopped":1,"Error":1},"received":8,"delivered":5,"in_flight":2,"given_up":3,"config_faults":0,"warnings":0,"trouble":[{"name":"b","state":"Warn","why":"no message for 90 s"},{"name":"c","state":"Error","why":"refused"}]}""",
            System.Text.Encoding.UTF8.GetString(StatusMessage.Of(new Summary(status), FakeBridge.Start.AddMinutes(1)).Span).Replace($"\"{Fastbridge.Cli.Version.Text}\"", "\"VERSION\"", StringComparison.Ordinal));
        Assert.Equal("4 connectors: 1 Running, 1 Warn, 1 Stopped, 1 Error; b: silent; c: refused", new Summary(status).Line);
    }

    [Fact]
    public void the_line_does_not_change_with_messages_or_with_the_length_of_a_silence()
    {
        string Line(long received, string warning) => new Summary(Status(Connector("b", ConnectorState.Running, "") with { Warning = warning, Received = received })).Line;
        Assert.Equal(Line(1, "no message for 90 s"), Line(9, "no message for 91 s"));
    }

    private static BridgeStatus Status(params ConnectorStatus[] connectors) =>
        new() { StartedAt = FakeBridge.Start, Source = "f", Revision = "r", Faults = [], Warnings = [], Connectors = [.. connectors] };

    private static ConnectorStatus Connector(string name, ConnectorState state, string why) => new(name, state, why, FakeBridge.Start, "");
}
