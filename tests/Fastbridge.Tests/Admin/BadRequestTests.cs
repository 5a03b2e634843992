using System.Net;
using System.Text.Json;

namespace Fastbridge.Tests.Admin;

/// <summary>What a client gets wrong is told in RobustMQ's shape, changes nothing, and hurts nobody else.</summary>
public class BadRequestTests : AdminTest
{
    private const string Good = """{"connector_name":"k","connector_type":"kafka","config":"{}","topic_name":"t"}""";

    [Theory]
    [InlineData("", "empty")]
    [InlineData("{", "JSON parsing failed")]
    [InlineData("{\"connector_name\":\"k\"} x", "JSON parsing failed")]
    [InlineData("connector_name=k", "JSON parsing failed")]
    [InlineData("[]", "a list")]
    [InlineData("\"k\"", "a string")]
    [InlineData("null", "null")]
    [InlineData("12", "a number")]
    [InlineData("true", "true or false")]
    [InlineData("{\"connector_name\":\"\\ud800\"}", "surrogate")]
    [InlineData("{\"\\ud800\":1}", "surrogate")]
    public async Task a_body_that_is_not_a_json_object_is_told(string body, string word)
    {
        (HttpStatusCode status, JsonElement answer) = await PostAsync("create", body);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("JSON parsing failed: ", FaultOf(answer), StringComparison.Ordinal);
        Assert.Contains(word, FaultOf(answer), StringComparison.Ordinal);
        await AssertUnhurtAsync();
    }

    [Fact]
    public async Task a_body_that_is_not_utf_8_or_nests_without_end_is_told()
    {
        using var content = new ByteArrayContent([(byte)'{', (byte)'"', 0xff, (byte)'"', (byte)':', (byte)'1', (byte)'}']);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        (HttpStatusCode status, JsonElement body) = await ReadAsync(await Http.PostAsync(Base + "create", content, TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("UTF-8", FaultOf(body), StringComparison.Ordinal);
        (status, body) = await PostAsync("create", "{\"config\":" + new string('[', 30_000));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        FaultOf(body);
        await AssertUnhurtAsync();
    }

    [Theory]
    [InlineData("connector_name", "1", "connector_name: is a number; a string is wanted")]
    [InlineData("connector_name", "{}", "connector_name: is an object; a string is wanted")]
    [InlineData("connector_name", "null", "connector_name: is missing")]
    [InlineData("connector_type", "[]", "connector_type: is a list; a string is wanted")]
    [InlineData("connector_type", "true", "connector_type: is true or false; a string is wanted")]
    [InlineData("config", "[]", "config: is a list; a string that holds JSON, or an object, is wanted")]
    [InlineData("config", "5", "config: is a number")]
    [InlineData("topic_name", "7", "topic_name: is a number; a string or a list of strings is wanted")]
    [InlineData("topic_name", "[\"a\",1]", "topic_name: is a list")]
    [InlineData("tenant", "0", "tenant: is a number")]
    [InlineData("failure_strategy", "\"discard\"", "failure_strategy: is a string; an object is wanted")]
    [InlineData("connector_nam", "\"k\"", "unknown member \"connector_nam\"; did you mean connector_name?")]
    [InlineData("zzz", "\"k\"", "unknown member \"zzz\"; known are tenant, connector_name")]
    public async Task a_member_of_the_wrong_name_or_type_is_named_with_what_is_wanted(string name, string value, string fault)
    {
        string body = Good.Contains($"\"{name}\"", StringComparison.Ordinal)
            ? string.Join(',', Good.TrimStart('{').TrimEnd('}').Split(',').Select(m => m.StartsWith($"\"{name}\"", StringComparison.Ordinal) ? $"\"{name}\":{value}" : m))
            : Good.TrimStart('{').TrimEnd('}') + $",\"{name}\":{value}";
        (HttpStatusCode status, JsonElement answer) = await PostAsync("create", $"{{{body}}}");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.StartsWith("Parameter validation failed: ", FaultOf(answer), StringComparison.Ordinal);
        Assert.Contains(fault, FaultOf(answer), StringComparison.Ordinal);
        await AssertUnhurtAsync();
    }

    [Fact]
    public async Task all_faults_of_a_body_are_told_together_and_a_member_given_twice_is_one()
    {
        (_, JsonElement body) = await PostAsync("create", """{"connector_name":"a","connector_name":"b","config":1,"x":2}""");
        Assert.All(new[] { "\"connector_name\" is given twice", "config: is a number", "unknown member \"x\"", "connector_type: is missing", "topic_name: is missing" }, f => Assert.Contains(f, FaultOf(body), StringComparison.Ordinal));
        (_, body) = await PostAsync("create", Good.Replace("\"topic_name\"", "\"topic_id\":\"a\",\"topic_name\"", StringComparison.Ordinal));
        Assert.Contains("given twice", FaultOf(body), StringComparison.Ordinal);
        await AssertUnhurtAsync();
    }

    [Theory]
    [InlineData("list?page=0", "page: \"0\" is not a number from 1")]
    [InlineData("list?limit=2147483648", "limit")]
    [InlineData("list?limit=-1", "limit")]
    [InlineData("list?limit=9999999999999999999999", "limit")]
    [InlineData("list?page=x", "page")]
    [InlineData("list?sort_field=status", "sort_field: \"status\" is none of connector_name, tenant")]
    [InlineData("list?sort_by=ASC", "sort_by")]
    [InlineData("list?limt=3", "did you mean limit?")]
    [InlineData("list?page=1&page=2", "given twice")]
    [InlineData("detail", "connector_name: is missing")]
    [InlineData("detail?connector_name=", "connector_name: is missing")]
    [InlineData("status?x=1", "unknown parameter \"x\"")]
    public async Task a_wrong_query_parameter_is_named(string call, string fault)
    {
        (HttpStatusCode status, JsonElement body) = await GetAsync(Base + call);
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains(fault, FaultOf(body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/ui")]
    [InlineData("/api/cluster/connector/lists")]
    [InlineData("/api/cluster/connector/list/")]
    [InlineData("/API/cluster/connector/list")]
    [InlineData("/api/cluster/connector/%2Flist")]
    public async Task an_unknown_path_is_404(string path)
    {
        (HttpStatusCode status, JsonElement body) = await GetAsync(path);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("/openapi.json", FaultOf(body), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "list", "GET, HEAD")]
    [InlineData("DELETE", "list", "GET, HEAD")]
    [InlineData("GET", "create", "POST")]
    [InlineData("HEAD", "create", "POST")]
    [InlineData("PUT", "update", "POST")]
    [InlineData("OPTIONS", "stop", "POST")]
    [InlineData("BREW", "status", "GET, HEAD")]
    public async Task a_wrong_method_is_405_with_the_right_one(string method, string call, string allowed)
    {
        using HttpResponseMessage answer = await Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), Base + call), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, allowed), (answer.StatusCode, string.Join(", ", answer.Content.Headers.Allow)));
        if (method != "HEAD") FaultOf((await ReadAsync(answer)).Body);
    }

    [Fact]
    public async Task head_is_get_without_the_body()
    {
        using HttpResponseMessage head = await Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, Base + "list"), TestContext.Current.CancellationToken);
        using HttpResponseMessage get = await Http.GetAsync(Base + "list", TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, get.Content.Headers.ContentLength), (head.StatusCode, head.Content.Headers.ContentLength));
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/jsonp")]
    [InlineData("")]
    public async Task a_body_of_another_type_is_415_for_a_browser_would_post_it_for_any_page(string type)
    {
        (HttpStatusCode status, JsonElement body) = await PostAsync("create", Good, type);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, status);
        Assert.Contains("application/json", FaultOf(body), StringComparison.Ordinal);
        await AssertUnhurtAsync();
    }

    [Fact]
    public async Task a_charset_behind_the_type_and_a_query_before_a_body_are_handled()
    {
        AssertDone(await PostAsync("create", Good, "Application/JSON; charset=utf-8"));
        Assert.Contains("no query", FaultOf((await PostAsync("delete?connector_name=k", """{"connector_name":"k"}""")).Body), StringComparison.Ordinal);
        Assert.Single(Store.Connectors);
    }
}
