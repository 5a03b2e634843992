using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fastbridge.Tests.Support;

/// <summary>
/// The figures of the fault matrix as the tests counted them: one JSON object a line for each test and row, added to the file that
/// FASTBRIDGE_FAULTS_REPORT names. scripts/faults.sh makes its table of them. Thread-safe.
/// </summary>
public static class FaultReport
{
    private static readonly string? Path = Environment.GetEnvironmentVariable("FASTBRIDGE_FAULTS_REPORT") is { Length: > 0 } path ? path : null;
    private static readonly ConcurrentDictionary<string, Tally> Tallies = new();
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Adds to the running test's figures; outside of a <see cref="FaultAttribute"/> test it does nothing. <see cref="Ledger.Check"/> calls it, so a test that
    /// checks a ledger need not.
    /// </summary>
    /// <param name="messages">Acknowledged to the publishers.</param>
    /// <param name="lost">Of those, not in Kafka.</param>
    /// <param name="repeated">Copies in Kafka beyond the first.</param>
    /// <param name="reordered">Inversions among the first copies of one publisher and topic.</param>
    public static void Book(long messages, long lost, long repeated, long reordered)
    {
        if (TestContext.Current.Test?.UniqueID is not { } id || !Tallies.TryGetValue(id, out Tally? tally)) return;
        lock (tally)
        {
            tally.Counted = true;
            tally.Messages += messages;
            tally.Lost += lost;
            tally.Repeated += repeated;
            tally.Reordered += reordered;
        }
    }

    internal static void Begin(string test) => Tallies.TryAdd(test, new Tally());

    internal static void End(int row, string test, string method)
    {
        if (Path is null || !Tallies.TryGetValue(test, out Tally? tally)) return;
        TestResultState? state = TestContext.Current.TestState;
        string result = state?.Result switch
        {
            TestResult.Passed => "passed",
            TestResult.Skipped => "skipped",
            _ => "failed",
        };
        lock (tally)
        {
            var line = new JsonObject
            {
                ["row"] = row,
                ["fault"] = FaultRow.All[row - 1].Fault,
                ["expected"] = FaultRow.All[row - 1].Expected,
                ["test"] = TestContext.Current.Test?.TestDisplayName ?? method,
                ["form"] = FaultForm.IsLong ? "long" : "quick",
                ["messages"] = tally.Counted ? tally.Messages : null,
                ["lost"] = tally.Counted ? tally.Lost : null,
                ["repeated"] = tally.Counted ? tally.Repeated : null,
                ["reordered"] = tally.Counted ? tally.Reordered : null,
                ["result"] = result,
                ["reason"] = result == "passed" ? "" : Reason(state),
                ["seconds"] = Math.Round(tally.Clock.Elapsed.TotalSeconds, 1),
            };
            lock (Tallies) File.AppendAllText(Path, line.ToJsonString(Plain) + "\n");
        }
    }

    private static string Reason(TestResultState? state)
    {
        string text = state?.ExceptionMessages is [{ } first, ..] ? first : "";
        // How xunit marks Assert.Skip.
        return text.Replace("$XunitDynamicSkip$", "", StringComparison.Ordinal).ReplaceLineEndings(" ");
    }

    private sealed class Tally
    {
        public Stopwatch Clock { get; } = Stopwatch.StartNew();

        public bool Counted { get; set; }

        public long Messages { get; set; }

        public long Lost { get; set; }

        public long Repeated { get; set; }

        public long Reordered { get; set; }
    }
}
