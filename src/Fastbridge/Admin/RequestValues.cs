using System.Collections.Immutable;

namespace Fastbridge.Admin;

/// <summary>What a request said, checked against its route's members. Absent and null are the same.</summary>
internal sealed class RequestValues
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    /// <summary>The Accept header; empty where there is none.</summary>
    public string Accept { get; init; } = "";

    /// <summary>Whether who asks may see details. Always true but at a <see cref="Route.IsProbe"/>, which everyone may ask.</summary>
    public bool IsTrusted { get; set; } = true;

    public string? Text(string name) => _values.GetValueOrDefault(name) as string;

    public long? Count(string name) => _values.TryGetValue(name, out object? value) ? (long)value : null;

    public ImmutableArray<string>? Texts(string name) => _values.TryGetValue(name, out object? value) ? (ImmutableArray<string>)value : null;

    /// <returns>False where it is there already.</returns>
    public bool Add(Member member, object value) => _values.TryAdd(member.Name, value);

    public bool Has(Member member) => _values.ContainsKey(member.Name);
}

/// <summary>A request that is wrong in itself: HTTP 400 unless another status says it better.</summary>
internal sealed class BadRequestException(string message, int status = 400) : Exception(message)
{
    public int Status { get; } = status;

    /// <summary>In RobustMQ's words.</summary>
    public static BadRequestException Invalid(IEnumerable<string> faults) => new("Parameter validation failed: " + string.Join("; ", faults));
}
