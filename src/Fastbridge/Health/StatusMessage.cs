using Fastbridge.Admin;
using Fastbridge.Core;

namespace Fastbridge.Health;

/// <summary>The payloads of <c>status_topic</c>: JSON below <see cref="MostBytes"/>, whatever the number of connectors.</summary>
internal static class StatusMessage
{
    /// <summary>4 KB: what a metered link bears once a minute.</summary>
    public const int MostBytes = 4_096;

    /// <param name="now">UTC.</param>
    public static ReadOnlyMemory<byte> Of(Summary summary, DateTimeOffset now)
    {
        BridgeStatus status = summary.Status;
        long received = 0, delivered = 0, inFlight = 0, lost = 0;
        foreach (ConnectorStatus connector in status.Connectors)
        {
            received += connector.Received;
            delivered += connector.Delivered;
            inFlight += connector.InFlight;
            lost += connector.DeadLettered + connector.Discarded + (connector.Buffer?.Dropped ?? 0);
        }

        return Answer.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("state", status.Phase is BridgePhase.Stopping ? "stopping" : "online");
            StatusCall.WriteTime(json, "at", now);
            json.WriteString("version", Cli.Version.Text);
            StatusCall.WriteTime(json, "since", status.StartedAt);
            json.WriteNumber("uptime_seconds", (long)Math.Max(0, (now - status.StartedAt).TotalSeconds));
            json.WriteStartObject("connectors");
            for (int i = 0; i < Summary.States.Length; i++)
                json.WriteNumber(Summary.States[i], summary.Count(i));
            json.WriteEndObject();
            json.WriteNumber("received", received);
            json.WriteNumber("delivered", delivered);
            json.WriteNumber("in_flight", inFlight);
            json.WriteNumber("given_up", lost);
            json.WriteNumber("config_faults", status.Faults.Length);
            json.WriteNumber("warnings", status.Warnings.Length);
            json.WriteStartArray("trouble");
            foreach (ConnectorStatus connector in summary.Troubled)
            {
                json.WriteStartObject();
                json.WriteString("name", connector.Name);
                json.WriteString("state", connector.Shown());
                json.WriteString("why", Summary.WhyOf(connector));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    /// <summary>The last word.</summary>
    /// <param name="state">offline: the broker says it, by the will; stopped: the bridge itself.</param>
    /// <param name="now">Null: the moment is not known when it is written.</param>
    public static ReadOnlyMemory<byte> Last(string state, DateTimeOffset? now) => Answer.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("state", state);
        if (now is { } at)
            StatusCall.WriteTime(json, "at", at);
        json.WriteString("version", Cli.Version.Text);
        json.WriteEndObject();
    });
}
