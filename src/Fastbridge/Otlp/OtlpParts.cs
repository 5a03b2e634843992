namespace Fastbridge.Otlp;

/// <summary>What requests for metrics and for logs have in common: field 1 holds a resource with its scopes, field 2 of it a scope with its elements.</summary>
internal static class OtlpParts
{
    public static int BeginResource(ProtoWriter proto, OtlpSettings settings)
    {
        int all = proto.Begin(1);
        int resource = proto.Begin(1);
        foreach ((string name, string value) in settings.Resource)
            Attribute(proto, 1, name, value);
        proto.End(resource);
        return all;
    }

    public static int BeginScope(ProtoWriter proto)
    {
        int all = proto.Begin(2);
        int scope = proto.Begin(1);
        proto.Text(1, "fastbridge");
        proto.Text(2, Cli.Version.Text);
        proto.End(scope);
        return all;
    }

    public static void Attribute(ProtoWriter proto, int field, string name, string value)
    {
        int attribute = proto.Begin(field);
        proto.Text(1, name);
        Value(proto, 2, value);
        proto.End(attribute);
    }

    public static void Value(ProtoWriter proto, int field, string text)
    {
        int value = proto.Begin(field);
        proto.Text(1, text);
        proto.End(value);
    }
}
