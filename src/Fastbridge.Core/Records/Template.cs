using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Fastbridge.Mqtt.Codec.Packets;

namespace Fastbridge.Core.Records;

/// <summary>
/// Text with placeholders, parsed once and rendered for each message: the Kafka key and topic, headers, <c>client_id</c>, <c>username</c>.
/// Immutable; any number of threads may use it.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><term><c>${topic}</c></term><description>the MQTT topic</description></item>
/// <item><term><c>${topic[N]}</c></term><description>its level N, counted from 0: of <c>sensor/7/data</c>, <c>${topic[0]}</c> is <c>sensor</c> and
/// <c>${topic[2]}</c> is <c>data</c>. A leading slash makes level 0 empty</description></item>
/// <item><term><c>${client_id}</c>, <c>${username}</c></term><description>as the record's fields of those names</description></item>
/// <item><term><c>${qos}</c></term><description>0, 1 or 2</description></item>
/// <item><term><c>${user_property.NAME}</c></term><description>the first MQTT 5 User Property called NAME</description></item>
/// <item><term><c>$${</c></term><description>the text <c>${</c></description></item>
/// </list>
/// A level or property that a message lacks renders as nothing. Any other dollar sign stands for itself.
/// </remarks>
public sealed class Template
{
    private readonly ImmutableArray<TemplatePart> _parts;

    internal Template(string text, TemplateUse use, ImmutableArray<TemplatePart> parts)
    {
        Text = text;
        Use = use;
        _parts = parts;
        foreach (TemplatePart part in parts)
        {
            IsConstant &= part.Kind == TemplatePartKind.Text;
            UsesQoS |= part.Kind == TemplatePartKind.QoS;
        }
    }

    /// <summary>The text as the file has it.</summary>
    public string Text { get; }

    public TemplateUse Use { get; }

    /// <summary>No placeholder: every message renders alike.</summary>
    public bool IsConstant { get; } = true;

    internal bool UsesQoS { get; }

    /// <summary>Parses <paramref name="text"/>; where that fails, <paramref name="fault"/> is one line that names the place, the text and the remedy.</summary>
    /// <param name="fault">Without the path inside the file, which the caller knows: <c>"${topc}" at character 1 is no placeholder; did you mean "${topic}"? …</c></param>
    public static bool TryParse(string text, TemplateUse use, [NotNullWhen(true)] out Template? template, [NotNullWhen(false)] out string? fault)
    {
        template = TemplateParser.Parse(text, use, out fault);
        return template is not null;
    }

    /// <summary>As <see cref="TryParse"/>, for text that has been checked before.</summary>
    /// <exception cref="ArgumentException">The text is no template for <paramref name="use"/>.</exception>
    public static Template Parse(string text, TemplateUse use) =>
        TryParse(text, use, out Template? template, out string? fault) ? template : throw new ArgumentException(fault, nameof(text));

    /// <summary>Appends what this template makes of a message, UTF-8. Allocates nothing unless the buffer must grow.</summary>
    internal void Render(in TemplateInput input, ByteBuffer output)
    {
        foreach (ref readonly TemplatePart part in _parts.AsSpan())
        {
            switch (part.Kind)
            {
                case TemplatePartKind.Text:
                    output.Append(part.Bytes);
                    break;
                case TemplatePartKind.Topic:
                    output.Append(input.Topic);
                    break;
                case TemplatePartKind.Level:
                    output.Append(TopicLevels.Get(input.Topic, part.Level));
                    break;
                case TemplatePartKind.ClientId:
                    output.Append(input.ClientId);
                    break;
                case TemplatePartKind.Username:
                    output.Append(input.Username);
                    break;
                case TemplatePartKind.QoS:
                    output.Append((byte)('0' + input.QoS));
                    break;
                default:
                    output.Append(FirstUserProperty(input.Properties, part.Bytes));
                    break;
            }
        }
    }

    /// <summary>As <see cref="Render"/>, and gives what was appended; good until <paramref name="output"/> is cleared.</summary>
    internal ReadOnlySpan<byte> RenderSpan(scoped in TemplateInput input, ByteBuffer output)
    {
        int start = output.Length;
        Render(input, output);
        return output.Written[start..];
    }

    /// <summary>The text of a template without placeholders, escapes resolved.</summary>
    public string ConstantText() => string.Concat(_parts.Select(p => Encoding.UTF8.GetString(p.Bytes)));

    private static ReadOnlySpan<byte> FirstUserProperty(in PublishProperties properties, ReadOnlySpan<byte> name)
    {
        foreach (UserPropertyEnumerator property in properties.UserProperties)
        {
            if (property.Key.SequenceEqual(name))
                return property.Value;
        }

        return default;
    }
}

internal enum TemplatePartKind
{
    Text,
    Topic,
    Level,
    ClientId,
    Username,
    QoS,
    UserProperty,
}

/// <param name="Bytes">The text, or the User Property's name; UTF-8.</param>
/// <param name="Level">The topic level, from 0.</param>
internal readonly record struct TemplatePart(TemplatePartKind Kind, byte[] Bytes, int Level = 0);

/// <summary>What placeholders stand for, for one message. Spans are the caller's.</summary>
internal readonly ref struct TemplateInput
{
    public ReadOnlySpan<byte> Topic { get; init; }

    public ReadOnlySpan<byte> ClientId { get; init; }

    public ReadOnlySpan<byte> Username { get; init; }

    public byte QoS { get; init; }

    public PublishProperties Properties { get; init; }
}
