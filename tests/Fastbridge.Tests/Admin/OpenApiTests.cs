using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Fastbridge.Core;
using Fastbridge.Core.Live;

namespace Fastbridge.Tests.Admin;

/// <summary>The document that is served says what the server does: looked at from outside, through HTTP alone.</summary>
public class OpenApiTests : AdminTest
{
    private JsonElement _document;

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _document = (await GetAsync("/openapi.json")).Body;
    }

    [Fact]
    public void it_names_every_call_of_the_api_and_nothing_else()
    {
        Assert.Equal("3.1.0", _document.GetProperty("openapi").GetString());
        Assert.Equal(
            ["GET /api/cluster/connector/detail", "GET /api/cluster/connector/history", "GET /api/cluster/connector/list", "GET /api/cluster/connector/records", "GET /api/cluster/connector/status", "GET /health/live", "GET /health/ready", "GET /metrics", "GET /openapi.json",
                "POST /api/cluster/connector/create", "POST /api/cluster/connector/delete", "POST /api/cluster/connector/start", "POST /api/cluster/connector/stop", "POST /api/cluster/connector/update"],
            Operations().Select(o => $"{o.Method} {o.Path}").Order(StringComparer.Ordinal));
        Assert.Equal(14, Operations().Select(o => o.Operation.GetProperty("operationId").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task every_call_of_it_is_there_under_its_method_and_takes_no_other()
    {
        foreach ((string method, string path, _) in Operations())
        {
            using HttpResponseMessage right = await Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), path), TestContext.Current.CancellationToken);
            Assert.NotEqual(HttpStatusCode.NotFound, right.StatusCode);
            Assert.NotEqual(HttpStatusCode.MethodNotAllowed, right.StatusCode);
            using HttpResponseMessage wrong = await Http.SendAsync(new HttpRequestMessage(method == "GET" ? HttpMethod.Post : HttpMethod.Get, path), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, wrong.StatusCode);
        }
    }

    [Fact]
    public async Task every_answer_fits_its_schema()
    {
        Store.Add(FakeStore.Record("k1") with { FailureStrategy = """{"strategy":"discard"}""" });
        Store.Add(FakeStore.Record("k2") with { TopicIds = ["a", "b"] });
        Bridge.Status = Bridge.Status with
        {
            Warnings = ["w"],
            Connectors = [new ConnectorStatus("k1", ConnectorState.Running, "", FakeBridge.Start, "new") { LastErrorAt = FakeBridge.Start, Granted = [new("a", 1)] }, new ConnectorStatus("k2", ConnectorState.Idle, "", FakeBridge.Start, "")],
        };
        Bridge.Records = new RecordSample(FakeBridge.Start, 1, [LookTests.Record("p"u8.ToArray())]);
        foreach ((string method, string path, JsonElement operation) in Operations())
        {
            if (path == "/metrics") continue; // Text: it has tests of its own.
            JsonElement answer = method == "GET"
                ? (await GetAsync(path + (path.Split('/')[^1] is "detail" or "history" or "records" ? "?connector_name=k1" : ""))).Body
                : (await PostAsync(path, path.EndsWith("create", StringComparison.Ordinal)
                    ? """{"connector_name":"k3","connector_type":"kafka","config":"{}","topic_name":"t"}"""
                    : """{"connector_name":"k1","tenant":"default"}""" is var body && path.EndsWith("update", StringComparison.Ordinal) ? body.Replace("}", ",\"topic_name\":\"x\"}", StringComparison.Ordinal) : body)).Body;
            Assert.Empty(Misfits(answer, ContentOf(operation.GetProperty("responses").GetProperty("200")), path));
        }
    }

    [Fact]
    public async Task every_fault_fits_the_faults_schema()
    {
        JsonElement fault = _document.GetProperty("components").GetProperty("schemas").GetProperty("Fault");
        foreach (JsonElement answer in new[] { (await GetAsync("/x")).Body, (await GetAsync(Base + "list?page=x")).Body, (await PostAsync("stop", "{}")).Body, (await PostAsync("stop", """{"connector_name":"no"}""")).Body, (await PostAsync("stop", "x", "text/plain")).Body })
            Assert.Empty(Misfits(answer, fault, "fault"));
    }

    [Fact]
    public async Task what_it_calls_required_is_and_what_it_does_not_name_is_refused()
    {
        foreach ((string method, string path, JsonElement operation) in Operations().Where(o => o.Method == "POST"))
        {
            JsonElement schema = ContentOf(operation.GetProperty("requestBody"));
            string fault = FaultOf((await PostAsync(path, "{}")).Body);
            foreach (JsonElement required in schema.GetProperty("required").EnumerateArray())
                Assert.Contains($"{required.GetString()}: is missing", fault, StringComparison.Ordinal);
            Assert.False(schema.GetProperty("additionalProperties").GetBoolean());
            // Every member that it names is known: an array fits none but topic_name, and the fault then speaks of its type, not of its name.
            foreach (JsonProperty member in schema.GetProperty("properties").EnumerateObject())
                Assert.DoesNotContain("unknown", FaultOf((await PostAsync(path, $$"""{"{{member.Name}}":[1]}""")).Body), StringComparison.Ordinal);
        }

        foreach ((_, string path, JsonElement operation) in Operations().Where(o => o.Method == "GET"))
        {
            foreach (JsonElement parameter in operation.GetProperty("parameters").EnumerateArray())
                Assert.DoesNotContain("unknown", (await GetAsync($"{path}?{parameter.GetProperty("name").GetString()}=1")).Body.ToString(), StringComparison.Ordinal);
            Assert.Contains("unknown", FaultOf((await GetAsync($"{path}?zzz=1")).Body), StringComparison.Ordinal);
        }
    }

    private static JsonElement ContentOf(JsonElement holder) => holder.GetProperty("content").GetProperty("application/json").GetProperty("schema");

    private ImmutableArray<(string Method, string Path, JsonElement Operation)> Operations() =>
        [.. _document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(o => (o.Name.ToUpperInvariant(), p.Name, o.Value)))];

    /// <summary>As much of JSON Schema as the document uses.</summary>
    private List<string> Misfits(JsonElement value, JsonElement schema, string at)
    {
        if (schema.TryGetProperty("$ref", out _)) return Misfits(value, _document.GetProperty("components").GetProperty("schemas").GetProperty("Fault"), at);
        if (schema.TryGetProperty("oneOf", out JsonElement choices))
        {
            List<string>[] each = [.. choices.EnumerateArray().Select(c => Misfits(value, c, at))];
            return each.Count(m => m.Count == 0) == 1 ? [] : each[0];
        }

        string[] types = !schema.TryGetProperty("type", out JsonElement type) ? ["object"] : type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray().Select(t => t.GetString()!)] : [type.GetString()!];
        string actual = value.ValueKind switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.String => "string",
            JsonValueKind.Number => types.Contains("number") ? "number" : "integer",
            JsonValueKind.Null => "null",
            _ => "boolean",
        };
        if (!types.Contains(actual)) return [$"{at} is {actual}, not {string.Join(" or ", types)}"];
        var misfits = new List<string>();
        if (schema.TryGetProperty("enum", out JsonElement values) && !values.EnumerateArray().Any(v => v.GetString() == value.GetString())) misfits.Add($"{at} is {value}");
        if (actual == "integer" && (value.GetInt64() < schema.GetProperty("minimum").GetInt64() || value.GetInt64() > schema.GetProperty("maximum").GetInt64())) misfits.Add($"{at} is {value}");
        if (actual == "array" && schema.TryGetProperty("items", out JsonElement items)) misfits.AddRange(value.EnumerateArray().SelectMany(v => Misfits(v, items, at + "[]")));
        if (actual != "object" || !schema.TryGetProperty("properties", out JsonElement properties)) return misfits;
        misfits.AddRange(schema.GetProperty("required").EnumerateArray().Where(r => !value.TryGetProperty(r.GetString()!, out _)).Select(r => $"{at}.{r} is missing"));
        foreach (JsonProperty property in value.EnumerateObject())
            misfits.AddRange(properties.TryGetProperty(property.Name, out JsonElement inner) ? Misfits(property.Value, inner, $"{at}.{property.Name}") : [$"{at}.{property.Name} is not in the document"]);
        return misfits;
    }
}
