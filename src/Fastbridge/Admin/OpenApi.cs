using System.Collections.Immutable;
using System.Text.Json;

namespace Fastbridge.Admin;

/// <summary>The OpenAPI 3.1 document, made from the table that requests are routed and checked by.</summary>
internal static class OpenApi
{
    private const string FaultReference = "#/components/schemas/Fault";

    /// <param name="withToken">Whether this bridge asks for a token.</param>
    public static ReadOnlyMemory<byte> Document(ImmutableArray<Route> routes, bool withToken) => Answer.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("openapi", "3.1.0");
        json.WriteStartObject("info");
        json.WriteString("title", "fastbridge admin API");
        json.WriteString("version", Cli.Version.Text);
        json.WriteString("description", "RobustMQ's connector calls, and update, start, stop and status. HTTP 200 says that a request was understood; code says whether it was done.");
        json.WriteEndObject();
        if (withToken)
        {
            json.WriteStartArray("security");
            json.WriteStartObject();
            json.WriteStartArray("token");
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteStartObject("paths");
        foreach (Route route in routes)
            Path(json, route, withToken);
        json.WriteEndObject();
        Components(json, withToken);
        json.WriteEndObject();
    });

    private static void Path(Utf8JsonWriter json, Route route, bool withToken)
    {
        json.WriteStartObject(route.Path);
        json.WriteStartObject(route.IsChange ? "post" : "get");
        json.WriteString("operationId", route.Path[(route.Path.LastIndexOf('/') + 1)..].Replace(".json", "", StringComparison.Ordinal));
        json.WriteString("summary", route.Summary);
        if (route.IsChange)
        {
            json.WriteStartObject("requestBody");
            json.WriteBoolean("required", true);
            Content(json, () => OpenApiSchema.WriteObject(json, route.Request, m => m.Required));
            json.WriteEndObject();
        }
        else
        {
            json.WriteStartArray("parameters");
            foreach (Member member in route.Request)
            {
                json.WriteStartObject();
                json.WriteString("name", member.Name);
                json.WriteString("in", "query");
                json.WriteBoolean("required", member.Required);
                json.WritePropertyName("schema");
                OpenApiSchema.Write(json, member);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (route.IsProbe && withToken)
        {
            json.WriteStartArray("security");
            json.WriteEndArray();
        }

        json.WriteStartObject("responses");
        json.WriteStartObject("200");
        json.WriteString("description", "understood");
        if (route.TextTypes.IsEmpty)
            Content(json, () => Envelope(json, route));
        else
            Texts(json, route);
        json.WriteEndObject();
        if (route.IsProbe)
        {
            json.WriteStartObject("503");
            json.WriteString("description", "it is not");
            Content(json, () => OpenApiSchema.WriteObject(json, route.Data.Members, m => m.Required));
            json.WriteEndObject();
        }

        json.WriteStartObject("default");
        json.WriteString("description", "400 wrong request, 401 no token, 403 another site, 408 too slow, 409 another revision, 413 too large, 415 not JSON, 500 a fault of ours");
        Content(json, () => Reference(json));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Envelope(Utf8JsonWriter json, Route route)
    {
        if (route.Path == RouteTable.DocumentPath)
        {
            OpenApiSchema.Write(json, route.Data);
            return;
        }

        if (route.IsProbe)
        {
            OpenApiSchema.WriteObject(json, route.Data.Members, m => m.Required);
            return;
        }

        ImmutableArray<Member> members =
        [
            new("code", MemberType.Count, "0: done") { Most = 0 },
            new("message", MemberType.Text, "success"),
            route.Data with { Name = "data" },
            new("error", MemberType.Text, "null") { Nullable = true },
        ];
        if (route.IsChange)
        {
            members = members.Add(new("revision", MemberType.Text, "the file's after the change"));
            members = members.Add(new("warnings", MemberType.List, "what is done and needs a look all the same, such as a change that is not in force yet"));
        }

        json.WriteStartObject();
        json.WriteStartArray("oneOf");
        OpenApiSchema.WriteObject(json, members, _ => true);
        Reference(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Components(Utf8JsonWriter json, bool withToken)
    {
        json.WriteStartObject("components");
        json.WriteStartObject("schemas");
        json.WritePropertyName("Fault");
        OpenApiSchema.WriteObject(json,
        [
            new("code", MemberType.Count, "100: not done, and nothing was changed") { Least = Answer.Fault, Most = Answer.Fault },
            new("message", MemberType.Text, "what, where, remedy"),
            new("data", MemberType.Text, "empty"),
            new("error", MemberType.Text, "as message"),
            new("reason", MemberType.Text, "for programs") { Choices = Reasons.All },
            new("faults", MemberType.List, "the same one by one, where there are several kinds of it"),
        ], m => m.Name != "faults");
        json.WriteEndObject();
        if (withToken)
        {
            json.WriteStartObject("securitySchemes");
            json.WriteStartObject("token");
            json.WriteString("type", "http");
            json.WriteString("scheme", "bearer");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, Route route)
    {
        json.WriteStartObject("content");
        foreach (string type in route.TextTypes)
        {
            json.WriteStartObject(type);
            json.WritePropertyName("schema");
            OpenApiSchema.Write(json, route.Data);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Content(Utf8JsonWriter json, Action schema)
    {
        json.WriteStartObject("content");
        json.WriteStartObject("application/json");
        json.WritePropertyName("schema");
        schema();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Reference(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("$ref", FaultReference);
        json.WriteEndObject();
    }
}
