using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Fastbridge.Core;

namespace Fastbridge.Health;

/// <summary>A bridge in a few numbers and words, however many connectors it has.</summary>
internal sealed class Summary
{
    /// <summary>Connectors in trouble that are named; the others are counted.</summary>
    public const int MostNamed = 3;

    /// <summary>Characters of a reason: three of them, each escaped, stay far below 4 KB.</summary>
    public const int LongestWhy = 160;

    public static readonly ImmutableArray<string> States = ["Running", ConnectorStates.Warn, "Idle", "Stopped", "Error"];

    private readonly int[] _counts = new int[States.Length];

    public Summary(BridgeStatus status)
    {
        Status = status;
        var troubled = ImmutableArray.CreateBuilder<ConnectorStatus>();
        foreach (ConnectorStatus connector in status.Connectors)
        {
            string state = connector.Shown();
            _counts[States.IndexOf(state)]++;
            if (state is "Error" or ConnectorStates.Warn && troubled.Count < MostNamed)
                troubled.Add(connector);
        }

        Troubled = troubled.ToImmutable();
    }

    public BridgeStatus Status { get; }

    /// <summary>The first ones that are in Error or Warn.</summary>
    public ImmutableArray<ConnectorStatus> Troubled { get; }

    /// <summary>One line: <c>3 connectors: 2 Running, 1 Error; main: no Kafka broker can be reached</c>. It changes when a state or a reason does, and not with every message.</summary>
    public string Line
    {
        get
        {
            var line = new StringBuilder();
            line.Append(CultureInfo.InvariantCulture, $"{Status.Connectors.Length} connector{(Status.Connectors.Length == 1 ? "" : "s")}");
            string before = ": ";
            for (int i = 0; i < States.Length; i++)
            {
                if (_counts[i] == 0)
                    continue;
                line.Append(before).Append(CultureInfo.InvariantCulture, $"{_counts[i]} {States[i]}");
                before = ", ";
            }

            if (!Status.Faults.IsEmpty)
                line.Append("; the connectors file has faults, and the set before runs on");
            foreach (ConnectorStatus connector in Troubled)
                line.Append("; ").Append(connector.Name).Append(": ").Append(connector.Why.Length > 0 ? WhyOf(connector) : "silent");
            return line.ToString().ReplaceLineEndings(" ");
        }
    }

    public int Count(int state) => _counts[state];

    /// <summary>The reason or the warning, cut where it is long.</summary>
    public static string WhyOf(ConnectorStatus connector)
    {
        string why = connector.Why.Length > 0 ? connector.Why : connector.Warning;
        if (why.Length <= LongestWhy)
            return why;
        // Not between the halves of a pair.
        int end = char.IsHighSurrogate(why[LongestWhy - 2]) ? LongestWhy - 2 : LongestWhy - 1;
        return why[..end] + "…";
    }
}
