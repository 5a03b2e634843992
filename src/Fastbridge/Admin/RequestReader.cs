using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Fastbridge.Core.Config.Reading;

namespace Fastbridge.Admin;

/// <summary>Reads query strings and JSON bodies by their route's members; every fault of a request is named, all in one answer.</summary>
internal static class RequestReader
{
    /// <exception cref="BadRequestException">A parameter that is unknown, given twice, missing or of the wrong kind.</exception>
    public static RequestValues Query(string query, ImmutableArray<Member> members, string accept = "")
    {
        var values = new RequestValues { Accept = accept };
        var faults = new List<string>();
        foreach (string part in query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            int at = part.IndexOf('=');
            string name = Decode(at < 0 ? part : part[..at]);
            string value = at < 0 ? "" : Decode(part[(at + 1)..]);
            // Empty is how a form or a script leaves a parameter out.
            if (Find(name, members, "parameter", faults) is not { } member || value.Length == 0)
                continue;
            if (Parse(member, value, faults) is { } parsed && !values.Add(member, parsed))
                faults.Add($"parameter \"{name}\" is given twice");
        }

        return Complete(values, members, faults);
    }

    /// <exception cref="BadRequestException">Not a JSON object, or with members that are unknown, double, missing or of the wrong type.</exception>
    public static RequestValues Body(ReadOnlyMemory<byte> utf8, ImmutableArray<Member> members)
    {
        if (utf8.IsEmpty)
            throw new BadRequestException("JSON parsing failed: the body is empty; send an object");
        if (!Utf8.IsValid(utf8.Span))
            throw new BadRequestException("JSON parsing failed: the body is not UTF-8");
        var values = new RequestValues();
        var faults = new List<string>();
        try
        {
            using JsonDocument document = JsonDocument.Parse(utf8);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new BadRequestException($"JSON parsing failed: the body is {NameOf(document.RootElement.ValueKind)}; send an object");
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (Find(property.Name, members, "member", faults) is not { } member || property.Value.ValueKind == JsonValueKind.Null)
                    continue;
                if (Read(member, property.Value, faults) is { } value && !values.Add(member, value))
                    faults.Add($"member \"{property.Name}\" is given twice");
            }
        }
        catch (JsonException e)
        {
            throw new BadRequestException($"JSON parsing failed: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}");
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair, as an escape: no text of Unicode.
            throw new BadRequestException("JSON parsing failed: a string holds half of a surrogate pair");
        }

        return Complete(values, members, faults);
    }

    private static RequestValues Complete(RequestValues values, ImmutableArray<Member> members, List<string> faults)
    {
        foreach (Member member in members)
        {
            if (member.Required && !values.Has(member) && !faults.Any(f => f.StartsWith(member.Name + ":", StringComparison.Ordinal)))
                faults.Add($"{member.Name}: is missing ({member.Meaning})");
        }

        return faults.Count == 0 ? values : throw BadRequestException.Invalid(faults);
    }

    private static Member? Find(string name, ImmutableArray<Member> members, string what, List<string> faults)
    {
        foreach (Member member in members)
        {
            if (member.Name == name || member.Alias == name)
                return member;
        }

        string[] known = [.. members.Select(m => m.Name)];
        string shown = name.Length > 64 ? name[..64] + "…" : name;
        faults.Add($"unknown {what} \"{shown}\"; " + (Nearest.Of(name, known) is { } near ? $"did you mean {near}?" : $"known are {string.Join(", ", known)}"));
        return null;
    }

    private static object? Read(Member member, JsonElement value, List<string> faults)
    {
        switch (member.Type, value.ValueKind)
        {
            case (MemberType.Text or MemberType.Count, JsonValueKind.String):
                return Parse(member, value.GetString()!, faults, quoted: true);
            case (MemberType.Count, JsonValueKind.Number):
                return Parse(member, value.GetRawText(), faults);
            case (MemberType.JsonText, JsonValueKind.String):
                return value.GetString();
            case (MemberType.JsonText or MemberType.Object, JsonValueKind.Object):
                return value.GetRawText();
            case (MemberType.Texts, JsonValueKind.String):
                return ImmutableArray.Create(value.GetString()!);
            case (MemberType.Texts, JsonValueKind.Array) when value.EnumerateArray().All(e => e.ValueKind == JsonValueKind.String):
                return value.EnumerateArray().Select(e => e.GetString()!).ToImmutableArray();
            default:
                faults.Add($"{member.Name}: is {NameOf(value.ValueKind)}; {Wanted(member)} is wanted");
                return null;
        }
    }

    private static object? Parse(Member member, string text, List<string> faults, bool quoted = false)
    {
        if (member.Type == MemberType.Count)
        {
            if (!quoted && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= member.Least && number <= member.Most)
                return number;
            faults.Add($"{member.Name}: {(quoted ? "a string" : $"\"{text}\"")} is not a number from {member.Least} to {member.Most}");
            return null;
        }

        if (member.Choices.IsEmpty || member.Choices.Contains(text))
            return text;
        faults.Add($"{member.Name}: \"{text}\" is none of {string.Join(", ", member.Choices)}");
        return null;
    }

    private static string Wanted(Member member) => member.Type switch
    {
        MemberType.Count => "a number",
        MemberType.Object => "an object",
        MemberType.JsonText => "a string that holds JSON, or an object,",
        MemberType.Texts => "a string or a list of strings",
        _ => "a string",
    };

    private static string NameOf(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}
