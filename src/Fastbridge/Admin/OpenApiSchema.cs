using System.Collections.Immutable;
using System.Text.Json;

namespace Fastbridge.Admin;

/// <summary>Members as JSON Schema, the dialect of OpenAPI 3.1.</summary>
internal static class OpenApiSchema
{
    public static void WriteObject(Utf8JsonWriter json, ImmutableArray<Member> members, Func<Member, bool> isRequired)
    {
        json.WriteStartObject();
        Members(json, members, isRequired);
        json.WriteEndObject();
    }

    private static void Members(Utf8JsonWriter json, ImmutableArray<Member> members, Func<Member, bool> isRequired)
    {
        json.WriteStartObject("properties");
        foreach (Member member in members)
        {
            json.WritePropertyName(member.Name);
            Write(json, member);
            if (member.Alias is not { } alias)
                continue;
            json.WritePropertyName(alias);
            Write(json, member with { Meaning = $"another name of {member.Name}" });
        }

        json.WriteEndObject();
        json.WriteStartArray("required");
        foreach (Member member in members)
        {
            // One of two names is enough, and a schema for that would say it in more words than it is worth.
            if (isRequired(member) && member.Alias is null)
                json.WriteStringValue(member.Name);
        }

        json.WriteEndArray();
        json.WriteBoolean("additionalProperties", false);
    }

    public static void Write(Utf8JsonWriter json, Member member)
    {
        json.WriteStartObject();
        json.WriteString("description", member.Meaning);
        switch (member.Type)
        {
            case MemberType.JsonText:
                Either(json, "string", "object");
                break;
            case MemberType.Texts:
                Either(json, "string", "array");
                break;
            default:
                Type(json, member);
                break;
        }

        json.WriteEndObject();
    }

    private static void Type(Utf8JsonWriter json, Member member)
    {
        string type = member.Type switch
        {
            MemberType.Count => "integer",
            MemberType.Rate => "number",
            MemberType.Truth => "boolean",
            MemberType.Object => "object",
            MemberType.List or MemberType.Rates => "array",
            _ => "string",
        };
        if (member.Nullable)
            Either(json, type, "null");
        else
            json.WriteString("type", type);
        if (member.Type == MemberType.Time)
            json.WriteString("format", "date-time");
        if (member.Type == MemberType.Count)
        {
            json.WriteNumber("minimum", member.Least);
            json.WriteNumber("maximum", member.Most);
        }

        if (!member.Choices.IsEmpty)
        {
            json.WriteStartArray("enum");
            foreach (string choice in member.Choices)
                json.WriteStringValue(choice);
            json.WriteEndArray();
        }

        if (member.Type == MemberType.Object && !member.Members.IsEmpty)
            Members(json, member.Members, m => member.Name != "failure_strategy");
        if (member.Type is not (MemberType.List or MemberType.Rates))
            return;
        json.WritePropertyName("items");
        if (member.Type == MemberType.Rates)
        {
            json.WriteStartObject();
            Either(json, "number", "null");
            json.WriteEndObject();
        }
        else if (!member.Members.IsEmpty)
        {
            WriteObject(json, member.Members, _ => true);
        }
        else
        {
            json.WriteStartObject();
            json.WriteString("type", "string");
            json.WriteEndObject();
        }
    }

    private static void Either(Utf8JsonWriter json, string one, string other)
    {
        json.WriteStartArray("type");
        json.WriteStringValue(one);
        json.WriteStringValue(other);
        json.WriteEndArray();
    }
}
