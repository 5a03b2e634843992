using System.Net;
using System.Text.Json;
using Fastbridge.Core;

namespace Fastbridge.Tests.Admin;

/// <summary>The four calls of RobustMQ, as scripts written for it send them.</summary>
public class RobustMqCallTests : AdminTest
{
    private const string Record = """{"tenant":"t1","connector_name":"k1","connector_type":"kafka","config":"{\"bootstrap_servers\":\"h:1\",\"topic\":\"t\"}","topic_name":"a/b","failure_strategy":{"strategy":"discard_after_retry","retry_total_times":3,"wait_time_ms":10}}""";

    [Fact]
    public async Task a_list_has_the_members_names_and_forms_of_robustmq()
    {
        Store.Add(FakeStore.Record("k1") with { BrokerId = 7 });
        Store.Add(FakeStore.Record("k2", "t2") with { CreateTime = null });
        (HttpStatusCode status, JsonElement body) = await GetAsync(Base + "list");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal((0, JsonValueKind.Null, 2), (body.GetProperty("code").GetInt32(), body.GetProperty("error").ValueKind, body.GetProperty("data").GetProperty("total_count").GetInt32()));
        JsonElement first = body.GetProperty("data").GetProperty("data")[0];
        Assert.Equal(
            ["tenant", "connector_name", "connector_type", "config", "topic_name", "status", "broker_id", "create_time", "update_time"],
            first.EnumerateObject().Select(p => p.Name).Take(9));
        Assert.All(first.EnumerateObject().Take(9), p => Assert.Equal(JsonValueKind.String, p.Value.ValueKind));
        Assert.Equal(("default", "k1", "Kafka", "a/+/b", "Idle", "7", "2024-01-01 10:00:00", "2024-01-01 10:00:01"), (
            Text(first, "tenant"), Text(first, "connector_name"), Text(first, "connector_type"), Text(first, "topic_name"), Text(first, "status"), Text(first, "broker_id"), Text(first, "create_time"), Text(first, "update_time")));
        Assert.Equal("h", JsonDocument.Parse(Text(first, "config").Replace("localhost", "h", StringComparison.Ordinal)).RootElement.GetProperty("bootstrap_servers").GetString()![..1]);
        JsonElement second = body.GetProperty("data").GetProperty("data")[1];
        Assert.Equal(("-", "-", "t2"), (Text(second, "broker_id"), Text(second, "create_time"), Text(second, "tenant")));
    }

    [Fact]
    public async Task a_list_shows_the_live_state_and_why_and_the_files_where_nothing_runs()
    {
        Store.Add("runs", "rests");
        Bridge.Status = Bridge.Status with { Connectors = [new ConnectorStatus("runs", ConnectorState.Error, "Kafka is away", FakeBridge.Start, "new")] };
        JsonElement list = (await GetAsync(Base + "list")).Body.GetProperty("data").GetProperty("data");
        Assert.Equal(("Error", "Kafka is away"), (Text(list[0], "status"), Text(list[0], "why")));
        Assert.Equal(("Idle", ""), (Text(list[1], "status"), Text(list[1], "why")));
    }

    [Theory]
    [InlineData("", "b2,a1,c3,a1")]
    [InlineData("?connector_name=1", "a1,a1")]
    [InlineData("?tenant=other", "a1")]
    [InlineData("?cluster_name=other", "a1")]
    [InlineData("?tenant=nobody", "")]
    [InlineData("?sort_field=connector_name", "a1,a1,b2,c3")]
    [InlineData("?sort_field=connector_name&sort_by=desc", "c3,b2,a1,a1")]
    [InlineData("?sort_field=tenant&sort_by=desc", "a1,c3,b2,a1")]
    [InlineData("?limit=2", "b2,a1")]
    [InlineData("?limit=2&page=2", "c3,a1")]
    [InlineData("?limit=3&page=2&sort_field=connector_name&sort_by=asc", "c3")]
    [InlineData("?limit=10000&page=2147483647", "")]
    [InlineData("?tenant=&connector_name=&sort_field=&sort_by=&limit=&page=", "b2,a1,c3,a1")]
    public async Task a_list_is_filtered_sorted_and_paged(string query, string names)
    {
        Store.Add("b2", "a1", "c3");
        Store.Add(FakeStore.Record("a1", "other"));
        JsonElement data = (await GetAsync(Base + "list" + query)).Body.GetProperty("data");
        Assert.Equal(names, string.Join(',', data.GetProperty("data").EnumerateArray().Select(c => Text(c, "connector_name"))));
        if (!query.Contains("tenant=", StringComparison.Ordinal) && !query.Contains("name=", StringComparison.Ordinal))
            Assert.Equal(4, data.GetProperty("total_count").GetInt32());
    }

    [Fact]
    public async Task names_of_any_characters_come_back_as_they_are_and_can_be_asked_for()
    {
        const string name = "a\"/\\ ü🏭&=+%\n";
        Store.Add(name, "other");
        JsonElement data = (await GetAsync(Base + "list?connector_name=" + Uri.EscapeDataString(name))).Body.GetProperty("data");
        Assert.Equal(name, Text(data.GetProperty("data")[0], "connector_name"));
        Assert.Equal(1, data.GetProperty("total_count").GetInt32());
    }

    [Fact]
    public async Task a_detail_has_robustmqs_four_members()
    {
        Store.Add("k1");
        Bridge.Status = Bridge.Status with
        {
            Connectors = [new ConnectorStatus("k1", ConnectorState.Running, "", FakeBridge.Start, "new") { Delivered = 5, DeadLettered = 2, LastDeliveredAt = FakeStore.Then }],
        };
        JsonElement data = (await GetAsync(Base + "detail?tenant=default&connector_name=k1")).Body.GetProperty("data");
        Assert.Equal(["last_send_time", "send_success_total", "send_fail_total", "last_msg"], data.EnumerateObject().Select(p => p.Name));
        Assert.Equal((1704103200, 5, 2, JsonValueKind.Null), (data.GetProperty("last_send_time").GetInt64(), data.GetProperty("send_success_total").GetInt64(), data.GetProperty("send_fail_total").GetInt64(), data.GetProperty("last_msg").ValueKind));
    }

    [Fact]
    public async Task a_detail_of_a_connector_that_does_not_run_is_zero_and_of_one_that_is_not_there_a_fault()
    {
        Store.Add("k1");
        Assert.Equal(0, (await GetAsync(Base + "detail?connector_name=k1")).Body.GetProperty("data").GetProperty("last_send_time").GetInt64());
        (HttpStatusCode status, JsonElement body) = await GetAsync(Base + "detail?connector_name=k1&tenant=other");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("k1", FaultOf(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_create_writes_the_record_tells_the_bridge_and_says_success()
    {
        AssertDone(await PostAsync("create", Record));
        Assert.Equal(1, Bridge.Reloads);
        Assert.Equal(("t1", "k1", "kafka"), (Store.LastDraft!.ClusterName, Store.LastDraft.Name, Store.LastDraft.Type));
        Assert.Equal("""{"bootstrap_servers":"h:1","topic":"t"}""", Store.LastDraft.Config);
        Assert.Equal(["a/b"], Store.LastDraft.TopicIds!.Value);
        Assert.Equal("""{"strategy":"discard_after_retry","retry_total_times":3,"wait_time_ms":10}""", Store.LastDraft.FailureStrategy);
        Assert.Contains("Information 4102 connector k1 was created through the admin API", Log.Lines);
    }

    [Fact]
    public async Task a_create_takes_the_pages_names_a_config_object_and_several_filters()
    {
        AssertDone(await PostAsync("create", """{"cluster_name":"c","connector_name":"k","connector_type":"Kafka","config":{"topic":"t"},"topic_id":["a","b/#"],"failure_strategy":null}"""));
        Assert.Equal(("c", """{"topic":"t"}""", "a b/#", null), (Store.LastDraft!.ClusterName, Store.LastDraft.Config, string.Join(' ', Store.LastDraft.TopicIds!.Value), Store.LastDraft.FailureStrategy));
    }

    [Fact]
    public async Task a_create_of_a_name_that_is_there_is_refused_and_changes_nothing()
    {
        AssertDone(await PostAsync("create", Record));
        (HttpStatusCode status, JsonElement body) = await PostAsync("create", Record);
        Assert.Equal((HttpStatusCode.OK, "exists"), (status, Text(body, "reason")));
        Assert.Contains("k1", FaultOf(body), StringComparison.Ordinal);
        Assert.Equal((1, 1), (Store.Connectors.Length, Bridge.Reloads));
    }

    [Fact]
    public async Task what_the_store_finds_invalid_is_a_parameter_fault_with_every_fault_named()
    {
        (HttpStatusCode status, JsonElement body) = await PostAsync("create", Record.Replace("\"kafka\"", "\"redis\"", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("Parameter validation failed: connector_type: must be Kafka; and a second fault", FaultOf(body));
        Assert.Equal(["connector_type: must be Kafka", "and a second fault"], body.GetProperty("faults").EnumerateArray().Select(f => f.GetString()!));
        Assert.Empty(Store.Connectors);
    }

    [Fact]
    public async Task a_delete_takes_it_out_and_a_second_one_is_refused()
    {
        Store.Add("k1", "k2");
        AssertDone(await PostAsync("delete", """{"tenant":"default","connector_name":"k1"}"""));
        Assert.Equal("k2", Assert.Single(Store.Connectors).Name);
        (HttpStatusCode status, JsonElement body) = await PostAsync("delete", """{"tenant":"default","connector_name":"k1"}""");
        Assert.Equal((HttpStatusCode.OK, "not_found"), (status, Text(body, "reason")));
        Assert.Equal(1, Bridge.Reloads);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
