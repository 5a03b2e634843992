using System.Text;
using Fastbridge.Core.Config.Reading;
using Fastbridge.Core.Config.Schema;
using Fastbridge.Core.Config.Source;

namespace Fastbridge.Core.Config.Validation;

/// <summary>Reads <c>config.sasl</c>.</summary>
internal static class KafkaSasl
{
    private static readonly string[] OfPasswords = ["username", "password"];

    /// <summary>The first three are needed.</summary>
    private static readonly string[] OfTokens = ["token_url", "client_id", "client_secret", "scope", "audience", "extensions", "ca_file"];

    public static void Read(Node node, KafkaSecurity.Target target, LoadContext context)
    {
        KeyCheck.Known(node, KeySection.KafkaSasl, context);
        var reader = new ObjectReader(node, KeySection.KafkaSasl, context);
        reader.Require("mechanism");
        string? mechanism = reader.Choice("mechanism");
        target.Set(reader, "mechanism", mechanism, "sasl.mechanism", "sasl.mechanisms");
        target.Set(reader, "username", reader.Text("username")?.Value, "sasl.username");
        target.Set(reader, "password", reader.Text("password")?.Value, "sasl.password");
        ReadToken(reader, target, context);
        if (mechanism is null)
            return;
        bool byToken = mechanism == "OAUTHBEARER";
        if (byToken)
            target.Set(reader, "mechanism", "oidc", KafkaTokenProperties.Method);
        foreach (string name in byToken ? OfTokens.AsSpan(0, 3) : OfPasswords)
        {
            if (reader.Find(name) is null && !context.WasMeant(node, name))
                context.FaultWithoutValue(node, $"\"{name}\" is missing", $"{mechanism} needs it");
        }

        foreach (string name in byToken ? OfPasswords : OfTokens)
        {
            if (reader.Find(name) is { } other)
                context.FaultWithoutValue(other, $"has no effect with {mechanism}", "remove it, or set another mechanism");
        }
    }

    private static void ReadToken(ObjectReader reader, KafkaSecurity.Target target, LoadContext context)
    {
        string? url = reader.Text("token_url")?.Value;
        if (url is not null && KafkaTokenProperties.Check(KafkaTokenProperties.Url, url) is { } fault)
            context.FaultWithoutValue(reader.Find("token_url")!, fault);
        target.Set(reader, "token_url", url, KafkaTokenProperties.Url);
        target.Set(reader, "client_id", reader.Text("client_id")?.Value, KafkaTokenProperties.ClientId);
        target.Set(reader, "client_secret", reader.Text("client_secret")?.Value, KafkaTokenProperties.ClientSecret);
        target.Set(reader, "scope", reader.Text("scope")?.Value, KafkaTokenProperties.Scope);
        target.Set(reader, "audience", reader.Text("audience")?.Value, KafkaTokenProperties.Audience);
        target.Set(reader, "extensions", Extensions(reader, context), KafkaTokenProperties.Extensions);
        target.Set(reader, "ca_file", TlsReader.ExistingFile(reader, "ca_file", context), KafkaTokenProperties.CaFile);
    }

    private static string? Extensions(ObjectReader reader, LoadContext context)
    {
        if (reader.Object("extensions") is not { } map)
            return null;
        KeyCheck.Doubles(map, context);
        var all = new StringBuilder();
        foreach (Node member in map.Members)
        {
            if (KafkaProperties.Value(member, context) is not { } value)
                continue;
            if (!KafkaTokenProperties.IsExtensionName(member.Name))
                context.FaultWithoutValue(member, "no name of an extension", "letters only, and not auth");
            else if (!KafkaTokenProperties.IsExtensionValue(value.Value))
                context.FaultWithoutValue(member, "an extension's value has what is printable in ASCII, without commas");
            else
                all.Append(all.Length == 0 ? "" : ",").Append(member.Name).Append('=').Append(value.Value);
        }

        return all.Length == 0 ? null : all.ToString();
    }
}
