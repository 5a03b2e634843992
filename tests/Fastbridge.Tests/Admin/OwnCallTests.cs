using System.Net;
using System.Reflection;
using System.Text.Json;
using Fastbridge.Core;
using Fastbridge.Core.Config.Store;

namespace Fastbridge.Tests.Admin;

/// <summary>update, start, stop, status, and what happens between file and bridge.</summary>
public class OwnCallTests : AdminTest
{
    [Fact]
    public async Task an_update_changes_what_is_given_and_keeps_the_rest()
    {
        Store.Add("k1");
        AssertDone(await PostAsync("update", """{"connector_name":"k1","topic_name":"new/#"}"""));
        Assert.Equal(("new/#", FakeStore.Record("k1").Config), (Store.Connectors[0].TopicIds[0], Store.Connectors[0].Config));
        Assert.Equal(1, Bridge.Reloads);
    }

    [Fact]
    public async Task an_update_of_nothing_is_refused()
    {
        Store.Add("k1");
        (HttpStatusCode status, JsonElement body) = await PostAsync("update", """{"connector_name":"k1"}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("nothing to change", FaultOf(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task stop_and_start_set_the_files_status()
    {
        Store.Add("k1");
        AssertDone(await PostAsync("stop", """{"connector_name":"k1"}"""));
        Assert.Equal("Stopped", Store.Connectors[0].Status);
        AssertDone(await PostAsync("start", """{"connector_name":"k1","tenant":"default"}"""));
        Assert.Equal("Idle", Store.Connectors[0].Status);
        Assert.Equal(2, Bridge.Reloads);
    }

    [Theory]
    [InlineData("update", ",\"config\":{}")]
    [InlineData("delete", "")]
    [InlineData("start", "")]
    [InlineData("stop", "")]
    public async Task a_change_on_an_older_revision_is_a_conflict_and_changes_nothing(string call, string more)
    {
        Store.Add("k1");
        string revision = (await GetAsync(Base + "list")).Body.GetProperty("data").GetProperty("revision").GetString()!;
        (_, JsonElement changed) = await PostAsync("update", """{"connector_name":"k1","topic_name":"x"}""");
        (HttpStatusCode status, JsonElement body) = await PostAsync(call, $$"""{"connector_name":"k1","revision":"{{revision}}"{{more}}}""");
        Assert.Equal((HttpStatusCode.Conflict, "conflict"), (status, body.GetProperty("reason").GetString()));
        FaultOf(body);
        Assert.Equal(1, Bridge.Reloads);
        AssertDone(await PostAsync(call, $$"""{"connector_name":"k1","revision":"{{changed.GetProperty("revision").GetString()}}"{{more}}}"""));
    }

    [Fact]
    public async Task the_status_has_every_member_of_the_bridges_and_connectors_status()
    {
        Bridge.Status = Bridge.Status with
        {
            Faults = ["f1"],
            Warnings = ["w1", "w2"],
            Connectors =
            [
                new ConnectorStatus("k1", ConnectorState.Running, "", FakeBridge.Start, "resumed") { Received = 11, LastMessageAt = FakeBridge.Start, ReceivedPerSecond = 1.239, Buffer = FakeBridge.Buffer, Granted = [new("a/#", 1), new("b", 135)] },
                new ConnectorStatus("k1", ConnectorState.Error, "why", FakeBridge.Start, "") { ClusterName = "t2", DeliveredPerSecond = double.NaN },
            ],
        };
        JsonElement data = (await GetAsync(Base + "status")).Body.GetProperty("data");
        AssertHasAll(typeof(BridgeStatus), data);
        JsonElement connector = data.GetProperty("connectors")[0];
        AssertHasAll(typeof(ConnectorStatus), connector);
        AssertHasAll(typeof(Fastbridge.Core.Config.WindowConfig), connector.GetProperty("window"));
        AssertHasAll(typeof(Fastbridge.Core.Buffering.BufferStatus), connector.GetProperty("buffer"));
        Assert.Equal(("2026-01-02T03:04:05.678Z", "w2"), (data.GetProperty("started_at").GetString(), data.GetProperty("warnings")[1].GetString()));
        Assert.Equal(("Running", 11, 1.24, JsonValueKind.Null), (connector.GetProperty("state").GetString(), connector.GetProperty("received").GetInt64(), connector.GetProperty("received_per_second").GetDouble(), connector.GetProperty("last_error_at").ValueKind));
        Assert.Equal(("b", 135), (connector.GetProperty("granted")[1].GetProperty("filter").GetString(), connector.GetProperty("granted")[1].GetProperty("code").GetInt32()));
        Assert.Equal(2, data.GetProperty("connectors").GetArrayLength());
    }

    [Theory]
    [InlineData("?tenant=t2", 1)]
    [InlineData("?connector_name=k1", 2)]
    [InlineData("?connector_name=k", 0)]
    public async Task the_status_can_be_asked_for_one_connector(string query, int count)
    {
        ConnectorStatus one = new("k1", ConnectorState.Idle, "", FakeBridge.Start, "");
        Bridge.Status = Bridge.Status with { Connectors = [one, one with { ClusterName = "t2" }] };
        Assert.Equal(count, (await GetAsync(Base + "status" + query)).Body.GetProperty("data").GetProperty("connectors").GetArrayLength());
    }

    [Fact]
    public async Task a_store_that_cannot_be_read_is_told_in_its_own_words()
    {
        Store.Broken = new StoreException("connectors.json: cannot be read (permission denied); chmod it");
        (HttpStatusCode status, JsonElement body) = await GetAsync(Base + "list");
        Assert.Equal((HttpStatusCode.OK, "unavailable", Store.Broken.Message), (status, body.GetProperty("reason").GetString(), FaultOf(body)));
        FaultOf((await PostAsync("delete", """{"connector_name":"k"}""")).Body);
        Assert.Equal(0, Bridge.Reloads);
    }

    [Fact]
    public async Task a_fault_of_our_own_is_an_answer_and_a_log_line_and_the_server_goes_on()
    {
        Store.Broken = new InvalidDataException("a secret detail");
        (HttpStatusCode status, JsonElement body) = await GetAsync(Base + "list");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.DoesNotContain("secret", FaultOf(body), StringComparison.Ordinal);
        Assert.Contains(Log.Lines, l => l.StartsWith("Error 4104 admin API: GET /api/cluster/connector/list failed", StringComparison.Ordinal));
        Store.Broken = null;
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(Base + "list")).Status);
    }

    [Fact]
    public async Task a_bridge_that_is_slow_to_apply_a_change_does_not_hold_the_answer_for_ever()
    {
        Bridge.Applying = new TaskCompletionSource().Task;
        Store.Add("k1");
        AssertDone(await PostAsync("stop", """{"connector_name":"k1"}"""));
        Assert.Contains(Log.Lines, l => l.StartsWith("Warning 4103 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task changes_from_many_clients_at_once_are_all_made_or_refused()
    {
        await Task.WhenAll(Enumerable.Range(0, 30).Select(async i => AssertDone(await PostAsync("create", $$"""{"connector_name":"k{{i}}","connector_type":"kafka","config":"{}","topic_name":"t"}"""))));
        Assert.Equal(30, (await GetAsync(Base + "list")).Body.GetProperty("data").GetProperty("total_count").GetInt32());
    }

    /// <summary>So that a new member cannot be forgotten.</summary>
    private static void AssertHasAll(Type type, JsonElement json) => Assert.Equal(
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name)).Order(),
        json.EnumerateObject().Select(p => p.Name).Order());
}
