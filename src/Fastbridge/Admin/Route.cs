using System.Collections.Immutable;

namespace Fastbridge.Admin;

/// <summary>One call of the API.</summary>
/// <param name="Method">GET or POST. HEAD is answered wherever GET is.</param>
/// <param name="Path">The whole path, as it is compared: case counts.</param>
/// <param name="Summary">One line, without a full stop.</param>
/// <param name="Request">Query parameters of a GET, body members of a POST.</param>
/// <param name="Data">What <c>data</c> of the answer holds.</param>
/// <param name="Handle">Never throws for what a client did wrong but <see cref="BadRequestException"/>. The token fires when the client goes away.</param>
internal sealed record Route(
    string Method,
    string Path,
    string Summary,
    ImmutableArray<Member> Request,
    Member Data,
    Func<RequestValues, CancellationToken, Task<Answer>> Handle)
{
    /// <summary>A change may also be answered by <c>revision</c>, <c>not_found</c> and the like.</summary>
    public bool IsChange => Method == "POST";

    /// <summary>A question of health, whose answer is the HTTP status, 200 or 503: the probes of a container's manager have no token. Its body has no envelope.</summary>
    public bool IsProbe { get; init; }

    /// <summary>The content types of an answer that is plain text and no JSON; empty for JSON.</summary>
    public ImmutableArray<string> TextTypes { get; init; } = [];
}
