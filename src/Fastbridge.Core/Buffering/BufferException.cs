namespace Fastbridge.Core.Buffering;

/// <summary>A buffer folder that cannot be used; the message is one line: which, why, and the remedy.</summary>
public sealed class BufferException(string message) : Exception(message)
{
    /// <summary>Somebody else holds the folder, and may let go of it: another process, or the same connector as it was before an edit.</summary>
    public bool IsTaken { get; init; }
}
