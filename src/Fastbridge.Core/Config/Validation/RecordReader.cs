using System.Collections.Immutable;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;
using Fastbridge.Core.Records;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads what a connector says of its records: <c>format</c>, <c>headers</c>, <c>client_id</c>, <c>username</c>.</summary>
internal static class RecordReader
{
    private static readonly KnownKey Header = new(KeySection.Connector, "headers", KeyType.Template, KnownKey.None, "");

    public static RecordConfig Read(ObjectReader connector, LoadContext context)
    {
        var record = new RecordConfig();
        record = record with
        {
            Format = connector.Choice("format") ?? record.Format,
            ClientId = TemplateReader.Read(connector, "client_id", TemplateUse.ClientId, context),
            Username = TemplateReader.Read(connector, "username", TemplateUse.Username, context),
        };
        switch (connector.Find("headers"))
        {
            case null:
                return record;
            case { Kind: NodeKind.Text, Value: "mqtt" }:
                return record with { MqttHeaders = true };
            case { Kind: NodeKind.Object } map:
                return record with { Headers = Headers(connector, map, context) };
            case { } wrong:
                context.WrongType(wrong, "an object of header names and templates, or \"mqtt\"");
                return record;
        }
    }

    private static ImmutableArray<KeyValuePair<string, string>> Headers(ObjectReader connector, Node map, LoadContext context)
    {
        KeyCheck.Doubles(map, context);
        var headers = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(map.Members.Count);
        foreach (Node member in map.Members)
        {
            if (member.Name!.Length == 0)
                context.FaultWithoutValue(member, "a header has a name");
            if (TemplateReader.Read(connector, member, Header, TemplateUse.Header, context) is { } template)
                headers.Add(KeyValuePair.Create(member.Name, template));
        }

        return headers.ToImmutable();
    }
}
