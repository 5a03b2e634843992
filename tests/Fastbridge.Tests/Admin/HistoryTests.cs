using System.Collections.Immutable;
using Fastbridge.Admin;
using Fastbridge.Core;
using Fastbridge.Tests.Mqtt.Client;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fastbridge.Tests.Admin;

/// <summary>The last hour in memory: what it says, and that it stays small.</summary>
public sealed class HistoryTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly FakeBridge _bridge = new();
    private readonly History _history;

    public HistoryTests() => _history = new History(_bridge, NullLogger.Instance, _time);

    public void Dispose() => _history.Dispose();

    [Fact]
    public void a_rate_is_what_came_between_two_samples_and_the_first_look_has_none()
    {
        Sample(Status("a") with { Received = 1_000_000 });
        Assert.Empty(_history.Of(null, "a")!.Rows);
        Sample(Status("a") with { Received = 1_000_500, Delivered = 50, InFlight = 3 });
        Assert.Equal([new HistoryRow(100, 10, 3, float.NaN, float.NaN, float.NaN)], _history.Of("default", "a")!.Rows);
    }

    [Fact]
    public void a_counter_that_begins_again_is_no_negative_rate()
    {
        Sample(Status("a") with { Received = 1000 });
        Sample(Status("a") with { Received = 10 });
        Assert.Equal(2, _history.Of(null, "a")!.Rows[0].Received);
    }

    [Fact]
    public void while_a_connector_is_stopped_its_rates_are_no_numbers()
    {
        Sample(Status("a"));
        Sample(Status("a") with { State = ConnectorState.Stopped });
        Sample(Status("a") with { Received = 5 });
        Assert.Equal([float.NaN, 1f], _history.Of(null, "a")!.Rows.Select(r => r.Received));
    }

    [Fact]
    public void an_hour_is_kept_and_what_is_older_goes()
    {
        Sample(Status("a"));
        for (int i = 1; i <= 800; i++)
            Sample(Status("a") with { InFlight = i });
        HistoryView view = _history.Of(null, "a")!;
        Assert.Equal(Enumerable.Range(81, 720).Select(i => (float)i), view.Rows.Select(r => r.InFlight));
        Assert.Equal((TimeSpan.FromSeconds(5), _time.GetUtcNow()), (view.Step, view.Until));
    }

    [Fact]
    public void a_connector_that_is_gone_is_forgotten_and_one_that_drains_beside_its_successor_does_not_count_twice()
    {
        Sample(Status("a"), Status("b"));
        Sample(Status("a") with { Received = 50 }, Status("a") with { Received = 9000 });
        Assert.Null(_history.Of(null, "b"));
        Assert.Equal([10f], _history.Of(null, "a")!.Rows.Select(r => r.Received));
    }

    [Fact]
    public void names_of_two_clusters_are_two_connectors()
    {
        ConnectorStatus other = Status("a") with { ClusterName = "t2" };
        Sample(Status("a"), other);
        Sample(Status("a") with { InFlight = 1 }, other with { InFlight = 2 });
        Assert.Equal((1f, 2f), (_history.Of("default", "a")!.Rows[0].InFlight, _history.Of("t2", "a")!.Rows[0].InFlight));
    }

    [Fact]
    public void with_many_connectors_samples_are_coarser_and_what_was_there_is_kept_as_means()
    {
        Sample(Status("a"));
        for (int i = 1; i <= 9; i++)
            Sample(Status("a") with { InFlight = i });
        // 600 need steps of 20 s instead of 5: twice the mean of two; of nine the oldest goes, then none of four.
        ImmutableArray<ConnectorStatus> many = [Status("a") with { InFlight = 100 }, .. Enumerable.Range(0, 599).Select(i => Status($"c{i}"))];
        Sample([.. many]);
        HistoryView view = _history.Of(null, "a")!;
        Assert.Equal([3.5f, 7.5f, 100f], view.Rows.Select(r => r.InFlight));
        Assert.Equal(TimeSpan.FromSeconds(20), view.Step);
        DateTimeOffset before = view.Until;
        for (int i = 0; i < 400; i++)
            _time.Advance(TimeSpan.FromSeconds(20));
        view = _history.Of(null, "a")!;
        Assert.Equal((180, before.AddSeconds(8000)), (view.Rows.Length, view.Until));
    }

    [Fact]
    public void a_status_that_cannot_be_had_leaves_a_gap_and_no_more()
    {
        Sample(Status("a"));
        _bridge.Broken = new InvalidOperationException("x");
        _time.Advance(TimeSpan.FromSeconds(5));
        _bridge.Broken = null;
        Sample(Status("a") with { Received = 20 });
        Assert.Equal([2f], _history.Of(null, "a")!.Rows.Select(r => r.Received));
    }

    private static ConnectorStatus Status(string name) => new(name, ConnectorState.Running, "", FakeBridge.Start, "new");

    private void Sample(params ConnectorStatus[] connectors)
    {
        _bridge.Status = _bridge.Status with { Connectors = [.. connectors] };
        _time.Advance(TimeSpan.FromSeconds(5));
    }
}
