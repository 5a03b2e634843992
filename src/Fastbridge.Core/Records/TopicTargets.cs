using System.Text;

namespace Fastbridge.Core.Records;

/// <summary>
/// The Kafka topics of one connector: one <see cref="TopicTarget"/> for a fixed name, one for each name that the template has yielded. Used by
/// one thread at a time.
/// </summary>
internal sealed class TopicTargets
{
    /// <summary>
    /// 4,096 names: a Kafka cluster seldom holds more topics, and each costs a few hundred bytes here and in librdkafka. Beyond them all are
    /// forgotten and found again as they come; the sink still knows the handles by name.
    /// </summary>
    internal const int MaxNames = 4_096;

    private readonly Template _template;
    private readonly TopicTarget? _fixed;
    private readonly Dictionary<string, TopicTarget> _byName = [];
    private readonly Dictionary<string, TopicTarget>.AlternateLookup<ReadOnlySpan<char>> _bySpan;

    public TopicTargets(Template template)
    {
        _template = template;
        _bySpan = _byName.GetAlternateLookup<ReadOnlySpan<char>>();
        if (template.IsConstant)
            _fixed = new TopicTarget(template.ConstantText(), null);
    }

    internal int Count => _byName.Count;

    /// <summary>The target of one message. Allocates only for a name that is new or illegal.</summary>
    /// <param name="scratch">Rendered into, and left as it was.</param>
    public TopicTarget Get(in TemplateInput input, ByteBuffer scratch)
    {
        if (_fixed is not null)
            return _fixed;
        int start = scratch.Length;
        _template.Render(input, scratch);
        Span<byte> rendered = scratch.From(start);
        ReadOnlySpan<byte> name = rendered[..KafkaTopicName.Replace(rendered)];
        scratch.Truncate(start);

        if (Fault(name) is { } fault)
            return new TopicTarget(Encoding.ASCII.GetString(name[..Math.Min(name.Length, KafkaTopicName.MaxLength)]), fault);

        Span<char> text = stackalloc char[KafkaTopicName.MaxLength];
        text = text[..Encoding.ASCII.GetChars(name, text)];
        if (_bySpan.TryGetValue(text, out TopicTarget? known))
            return known;
        if (_byName.Count >= MaxNames)
            _byName.Clear();
        var target = new TopicTarget(text.ToString(), null);
        _byName.Add(target.Name, target);
        return target;
    }

    /// <summary>What replacing cannot mend: no character at all, too many, or only dots.</summary>
    private string? Fault(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
            return $"the Kafka topic that \"{_template.Text}\" yields is empty";
        if (name.Length > KafkaTopicName.MaxLength)
            return $"the Kafka topic that \"{_template.Text}\" yields has {name.Length} characters; {KafkaTopicName.MaxLength} are the most";
        return name.SequenceEqual("."u8) || name.SequenceEqual(".."u8)
            ? $"the Kafka topic that \"{_template.Text}\" yields is \"{Encoding.ASCII.GetString(name)}\", which Kafka forbids"
            : null;
    }
}
